-- Gives up to `room` new messages, the most urgent first, each with its chat's session.
-- Only from partitions whose lease is still ours: a message read without it would stay with us unseen.
-- KEYS: receipts, then for each partition its lease and its streams by priority (4)
-- ARGV: token, group, consumer, room, session prefix
-- Gives rows of stream, id, chat, body, session or false, deliveries.
local taken = {}
local room = tonumber(ARGV[4])
local mine = {}
for at = 2, #KEYS, 5 do
  mine[at] = redis.call('GET', KEYS[at]) == ARGV[1]
end
for priority = 1, 4 do
  for at = 2, #KEYS, 5 do
    if room > 0 and mine[at] then
      local stream = KEYS[at + priority]
      local read = redis.call('XREADGROUP', 'GROUP', ARGV[2], ARGV[3], 'COUNT', room, 'STREAMS', stream, '>')
      if read then
        for _, entry in ipairs(read[1][2]) do
          local id, fields = entry[1], entry[2]
          if fields[6] ~= '' then
            redis.call('XADD', KEYS[1], 'MAXLEN', '~', 1000, '*', 'r', fields[6])
          end
          table.insert(taken, {stream, id, fields[2], fields[4], redis.call('GET', ARGV[5] .. fields[2]), 1})
          room = room - 1
        end
      end
    end
  end
end
return taken
