%% What the Erlang contenders share: the clock, and the line that the harness reads.
-module(measured).
-export([rate/3, median/1, report/1]).

%% Repeats a step that answers how many it did, first to warm up, then for the figure: so many a second.
rate(WarmUpMs, MeasureMs, Step) ->
    _ = repeat(WarmUpMs, Step),
    {Count, Nanoseconds} = repeat(MeasureMs, Step),
    Count * 1.0e9 / Nanoseconds.

repeat(ForMs, Step) ->
    repeat(ForMs * 1000000, Step, erlang:monotonic_time(nanosecond), 0).

repeat(For, Step, Started, Count) ->
    Now = Count + Step(),
    case erlang:monotonic_time(nanosecond) - Started of
        Elapsed when Elapsed >= For -> {Now, Elapsed};
        _ -> repeat(For, Step, Started, Now)
    end.

median(Values) ->
    lists:nth((length(Values) + 1) div 2, lists:sort(Values)).

report(Value) ->
    Release = erlang:system_info(otp_release),
    io:format("{\"value\":~.4f,\"version\":\"OTP ~s\"}~n", [Value * 1.0, Release]),
    halt(0).
