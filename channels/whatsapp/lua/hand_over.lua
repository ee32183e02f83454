-- Hands a message to the sender, once for its id unless it comes back from parking.
-- KEYS: outbound, reply, outbound bell, fresh outbound
-- ARGV: reply id, body, seconds to remember it, priority, 1 when it comes back
if not redis.call('SET', KEYS[2], '1', 'NX', 'EX', ARGV[3]) and ARGV[5] ~= '1' then
  return 0
end
redis.call('XADD', KEYS[1], '*', 'i', ARGV[1], 'b', ARGV[2], 'p', ARGV[4])
redis.call('SADD', KEYS[4], KEYS[1])
if redis.call('LLEN', KEYS[3]) == 0 then
  redis.call('LPUSH', KEYS[3], '1')
end
return 1
