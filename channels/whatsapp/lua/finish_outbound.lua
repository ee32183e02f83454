-- A message has left, or never will: it goes from the stream, its news to the statuses.
-- KEYS: lease, stream, intent, statuses, dead, parked, window, reopened, quoted for each part
-- ARGV: token, group, id, status or '', reason or '', reply id, body, pair to park for or '', seconds of parking,
--       what it spoke of or '', seconds of that
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
if redis.call('XACK', KEYS[2], ARGV[2], ARGV[3]) == 0 then
  return 2
end
redis.call('XDEL', KEYS[2], ARGV[3])
redis.call('DEL', KEYS[3])
if ARGV[4] ~= '' then
  redis.call('XADD', KEYS[4], '*', 'b', ARGV[4])
end
if ARGV[5] ~= '' then
  redis.call('XADD', KEYS[5], 'MAXLEN', '~', 10000, '*', 'reason', ARGV[5], 'i', ARGV[6], 'b', ARGV[7])
end
if ARGV[10] ~= '' then
  for at = 9, #KEYS do
    redis.call('SET', KEYS[at], ARGV[10], 'EX', ARGV[11])
  end
end
if ARGV[8] ~= '' then
  redis.call('RPUSH', KEYS[6], ARGV[6] .. ARGV[7])
  redis.call('EXPIRE', KEYS[6], ARGV[9])
  -- The reader may have written since we looked.
  if redis.call('EXISTS', KEYS[7]) == 1 then
    redis.call('SADD', KEYS[8], ARGV[8])
  end
end
return 1
