-- KEYS: leases. ARGV: token. Gives back those that are ours.
local given = 0
for _, key in ipairs(KEYS) do
  if redis.call('GET', key) == ARGV[1] then
    given = given + redis.call('DEL', key)
  end
end
return given
