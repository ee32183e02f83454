-- A status proves that a message did leave; noted only while somebody may still wonder.
-- KEYS: intent, confirmed. ARGV: seconds
if redis.call('EXISTS', KEYS[1]) == 1 then
  redis.call('SET', KEYS[2], '1', 'EX', ARGV[1])
  return 1
end
return 0
