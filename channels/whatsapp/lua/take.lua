-- Gives up to `room` new messages, the most urgent first, each with its chat's session.
-- Only from partitions whose lease is still ours: a message read without it would stay with us unseen.
-- Looks only where something came in since it was last read to its end; what is empty then rings no more.
-- KEYS: receipts, fresh
-- ARGV: token, group, consumer, room, prefixes of sessions, leases, bells and streams, then the partitions
-- Gives rows of stream, id, chat, body, session or false, deliveries.
local taken = {}
local room = tonumber(ARGV[4])
local fresh = {}
for _, stream in ipairs(redis.call('SMEMBERS', KEYS[2])) do
  fresh[stream] = true
end
if next(fresh) == nil then
  return taken
end
local mine = {}
for priority = 0, 3 do
  for at = 9, #ARGV do
    local partition = ARGV[at]
    local stream = ARGV[8] .. partition .. ':' .. priority
    if room > 0 and fresh[stream] then
      if mine[partition] == nil then
        mine[partition] = redis.call('GET', ARGV[6] .. partition) == ARGV[1]
      end
      if mine[partition] then
        local read = redis.call('XREADGROUP', 'GROUP', ARGV[2], ARGV[3], 'COUNT', room, 'STREAMS', stream, '>')
        local entries = read and read[1][2] or {}
        if #entries < room then
          redis.call('SREM', KEYS[2], stream)
          redis.call('DEL', ARGV[7] .. partition)
        end
        for _, entry in ipairs(entries) do
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
