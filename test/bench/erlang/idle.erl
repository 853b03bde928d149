%% Starts processes that wait for a message and leaves them alive: how many a second, or how large each is.
-module(idle).
-export([main/1]).

-define(ACTORS, 200000).

main(["rate" | _]) ->
    Warm = start(?ACTORS div 4, []),
    Started = erlang:monotonic_time(nanosecond),
    All = start(?ACTORS, Warm),
    Nanoseconds = erlang:monotonic_time(nanosecond) - Started,
    alive(All, ?ACTORS + ?ACTORS div 4),
    measured:report(?ACTORS * 1.0e9 / Nanoseconds);
main(["bytes" | _]) ->
    Warm = start(?ACTORS div 16, []),
    Before = settled(),
    All = start(?ACTORS, Warm),
    Bytes = settled() - Before,
    alive(All, ?ACTORS + ?ACTORS div 16),
    measured:report(Bytes / ?ACTORS).

start(0, All) -> All;
start(Left, All) -> start(Left - 1, [spawn(fun() -> idle(0) end) | All]).

idle(Total) ->
    receive
        {add, Amount} -> idle(Total + Amount)
    end.

%% The list of processes is ours and no part of what a process keeps, so only their own memory is read.
settled() ->
    erlang:garbage_collect(),
    timer:sleep(200),
    erlang:memory(processes).

alive(All, Expected) ->
    Expected = length([Pid || Pid <- All, is_process_alive(Pid)]).
