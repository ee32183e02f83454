-- Ends a turn: its reply, session and buttons come to be and its message goes, all at once or not at all.
-- KEYS: lease, stream, waiting, total, session, outbound, reply, dead, outbound bell, fresh outbound, then one key a button or quote
-- ARGV: token, group, id, chat, session or '', its seconds, reply id or '', reply body, seconds to remember it,
--       reason or '', dead body, seconds of a button, priority, then one body a button or quote
-- Gives 1 done, 0 the lease is another's now, 2 was done before.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
if redis.call('XACK', KEYS[2], ARGV[2], ARGV[3]) == 0 then
  return 2
end
redis.call('XDEL', KEYS[2], ARGV[3])
redis.call('DECR', KEYS[4])
if redis.call('HINCRBY', KEYS[3], ARGV[4], -4) < 4 then
  redis.call('HDEL', KEYS[3], ARGV[4])
end
if ARGV[5] ~= '' then
  redis.call('SET', KEYS[5], ARGV[5], 'EX', ARGV[6])
end
for i = 11, #KEYS do
  redis.call('SET', KEYS[i], ARGV[i + 3], 'EX', ARGV[12])
end
if ARGV[10] ~= '' then
  redis.call('XADD', KEYS[8], 'MAXLEN', '~', 10000, '*', 'reason', ARGV[10], 'c', ARGV[4], 'b', ARGV[11])
end
if ARGV[7] ~= '' and redis.call('SET', KEYS[7], '1', 'NX', 'EX', ARGV[9]) then
  redis.call('XADD', KEYS[6], '*', 'i', ARGV[7], 'b', ARGV[8], 'p', ARGV[13])
  redis.call('SADD', KEYS[10], KEYS[6])
  if redis.call('LLEN', KEYS[9]) == 0 then
    redis.call('LPUSH', KEYS[9], '1')
  end
end
return 1
