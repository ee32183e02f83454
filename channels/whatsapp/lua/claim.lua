-- Takes over what the partition's last holder had in hand.
-- KEYS: lease, streams…
-- ARGV: token, group, consumer, limit, session prefix
local taken = {}
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return taken
end
for at = 2, #KEYS do
  local pending = redis.call('XPENDING', KEYS[at], ARGV[2], '-', '+', ARGV[4])
  for _, row in ipairs(pending) do
    local claimed = redis.call('XCLAIM', KEYS[at], ARGV[2], ARGV[3], 0, row[1])
    local entry = claimed[1]
    if entry and entry[2] then
      local fields = entry[2]
      table.insert(taken, {KEYS[at], row[1], fields[2], fields[4], redis.call('GET', ARGV[5] .. fields[2]), row[4] + 1})
    else
      redis.call('XACK', KEYS[at], ARGV[2], row[1])
    end
  end
end
return taken
