-- May this message leave now? If so, the post that is about to be made is noted.
-- Two limits at once, each a bucket that fills steadily (generic cell rate algorithm): a message passes
-- when both let it, and counts in neither when one does not.
-- KEYS: number's rate, pair's rate, number's stop, intent, then the receiver's windows
-- ARGV: microseconds a message and burst of the number, then of the pair, 1 if it can wait, seconds of an intent
-- Gives 0 to go, else milliseconds to wait; -1 the receiver's window is closed, -2 the number is stopped.
local open = false
for i = 5, #KEYS do
  open = open or redis.call('EXISTS', KEYS[i]) == 1
end
if not open then
  return -1
end
if ARGV[5] == '1' and redis.call('EXISTS', KEYS[3]) == 1 then
  return -2
end
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local fits = {}
local wait = 0
for i = 1, 2 do
  local interval, burst = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  local due = tonumber(redis.call('GET', KEYS[i]) or '0')
  if due < now then
    due = now
  end
  wait = math.max(wait, due - interval * (burst - 1) - now)
  fits[i] = due + interval
end
if wait > 0 then
  return math.ceil(wait / 1000)
end
for i = 1, 2 do
  redis.call('SET', KEYS[i], string.format('%.0f', fits[i]), 'PX', math.ceil((fits[i] - now) / 1000) + 1000)
end
redis.call('SET', KEYS[4], '1', 'EX', ARGV[6])
return 0
