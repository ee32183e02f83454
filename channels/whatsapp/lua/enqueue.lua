-- Takes a message in, once. A chat that has messages waiting stays in the stream that it is in,
-- so that none of its messages overtakes another.
-- KEYS: seen, waiting, total, bell, reopened, fresh, the partition's streams by priority (4), then windows and parked in turn
-- ARGV: chat, priority, body, receipt, bound, seconds to remember, seconds of the window, pairs…
-- Gives 1 taken, 0 known already, -1 too much is waiting.
if redis.call('EXISTS', KEYS[1]) == 1 then
  return 0
end
if tonumber(redis.call('GET', KEYS[3]) or '0') >= tonumber(ARGV[5]) then
  return -1
end
redis.call('SET', KEYS[1], '1', 'EX', ARGV[6])
local place = tonumber(redis.call('HGET', KEYS[2], ARGV[1]) or '0')
if place < 4 then
  place = tonumber(ARGV[2])
end
redis.call('HSET', KEYS[2], ARGV[1], place + 4)
local stream = KEYS[7 + place % 4]
redis.call('XADD', stream, '*', 'c', ARGV[1], 'b', ARGV[3], 'r', ARGV[4])
redis.call('SADD', KEYS[6], stream)
redis.call('INCR', KEYS[3])
if redis.call('LLEN', KEYS[4]) == 0 then
  redis.call('LPUSH', KEYS[4], '1')
end
for i = 8, #ARGV do
  local at = 11 + (i - 8) * 2
  redis.call('SET', KEYS[at], '1', 'EX', ARGV[7])
  if redis.call('EXISTS', KEYS[at + 1]) == 1 then
    redis.call('SADD', KEYS[5], ARGV[i])
  end
end
return 1
