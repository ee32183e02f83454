-- Statuses prove that messages did leave; noted only while somebody may still wonder.
-- KEYS: intent and confirmed of each in turn. ARGV: seconds
for at = 1, #KEYS, 2 do
  if redis.call('EXISTS', KEYS[at]) == 1 then
    redis.call('SET', KEYS[at + 1], '1', 'EX', ARGV[1])
  end
end
return 1
