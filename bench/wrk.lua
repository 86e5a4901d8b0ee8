-- Asks for each path of a file once (or in turns, where told), and prints what was measured as JSON.
local ffi = require("ffi")
ffi.cdef [[
  typedef struct { long seconds; long nanoseconds; } moment;
  int clock_gettime(int clock, moment *now);
  int getpid(void);
  int kill(int process, int signal);
]]
local threads, paths, number, answered, began = {}, {}, 0, 0, nil
local once = os.getenv("ONCE") == "1"

local function now()
  local found = ffi.new("moment")
  ffi.C.clock_gettime(1, found)
  return tonumber(found.seconds) + tonumber(found.nanoseconds) / 1e9
end

function setup(thread) threads[#threads + 1] = thread end

function init(args)
  for line in io.lines(os.getenv("PATHS")) do paths[#paths + 1] = line end
  wrk.headers["Accept-Encoding"] = os.getenv("ENCODING")
  wrk.headers["If-None-Match"] = os.getenv("ETAG")
end

function request()
  began = began or now()
  number = number + 1
  return wrk.format("GET", paths[(number - 1) % #paths + 1])
end

function response(status, headers, body)
  answered = answered + 1
  elapsed = now() - began
  if once and answered == #paths then
    wrk.thread:stop()
    ffi.C.kill(ffi.C.getpid(), 2) -- its main thread sleeps for all of the time that was asked for
  end
end

function done(summary, latency, requests)
  local e = summary.errors
  io.write(string.format(
    '\n{"requests": %d, "seconds": %f, "bytes": %d, "p50": %f, "p99": %f, "errors": %d}\n',
    summary.requests, threads[1]:get("elapsed"), summary.bytes,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    e.connect + e.read + e.write + e.status + e.timeout))
end
