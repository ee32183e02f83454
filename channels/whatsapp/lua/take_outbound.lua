-- Gives up to `room` messages to send, of the partitions whose lease is still ours.
-- KEYS: for each partition its lease and its stream. ARGV: token, group, consumer, room
-- Gives rows of stream, id, reply id, body, false, deliveries.
local taken = {}
local room = tonumber(ARGV[4])
for at = 1, #KEYS, 2 do
  if room > 0 and redis.call('GET', KEYS[at]) == ARGV[1] then
    local read = redis.call('XREADGROUP', 'GROUP', ARGV[2], ARGV[3], 'COUNT', room, 'STREAMS', KEYS[at + 1], '>')
    if read then
      for _, entry in ipairs(read[1][2]) do
        table.insert(taken, {KEYS[at + 1], entry[1], entry[2][2], entry[2][4], false, 1})
        room = room - 1
      end
    end
  end
end
return taken
