-- Gives up to `room` messages to send, of the partitions whose lease is still ours.
-- Looks only where something came in since it was last read to its end; what is empty then rings no more.
-- KEYS: fresh. ARGV: token, group, consumer, room, prefixes of leases, bells and streams, then the partitions
-- Gives rows of stream, id, reply id, body, false, deliveries.
local taken = {}
local room = tonumber(ARGV[4])
local fresh = {}
for _, stream in ipairs(redis.call('SMEMBERS', KEYS[1])) do
  fresh[stream] = true
end
for at = 8, #ARGV do
  local stream = ARGV[7] .. ARGV[at]
  if room > 0 and fresh[stream] and redis.call('GET', ARGV[5] .. ARGV[at]) == ARGV[1] then
    local read = redis.call('XREADGROUP', 'GROUP', ARGV[2], ARGV[3], 'COUNT', room, 'STREAMS', stream, '>')
    local entries = read and read[1][2] or {}
    if #entries < room then
      redis.call('SREM', KEYS[1], stream)
      redis.call('DEL', ARGV[6] .. ARGV[at])
    end
    for _, entry in ipairs(entries) do
      table.insert(taken, {stream, entry[1], entry[2][2], entry[2][4], false, 1})
      room = room - 1
    end
  end
end
return taken
