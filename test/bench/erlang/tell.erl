%% One process tells another bursts of {add, Amount}; the other adds up. A burst ends with a question for the
%% total, whose answer shows that every message before it was handled.
-module(tell).
-export([main/1]).

-define(AMOUNT, 5).
-define(BURST, 1000).

main([WarmUp, Measure]) ->
    %% A heap that holds a burst spares the collections while it is received: the fastest setting found.
    Options = [{min_heap_size, 100000}],
    Counter = spawn_opt(fun() -> counter(0) end, Options),
    Main = self(),
    spawn_opt(fun() -> Main ! {rate, teller(Counter, WarmUp, Measure)} end, Options),
    receive
        {rate, Rate} -> measured:report(Rate)
    end.

teller(Counter, WarmUp, Measure) ->
    measured:rate(list_to_integer(WarmUp), list_to_integer(Measure), fun() ->
        Before = total(Counter),
        burst(Counter, ?BURST),
        Expected = Before + ?BURST * ?AMOUNT,
        Expected = total(Counter),
        ?BURST
    end).

counter(Total) ->
    receive
        {add, Amount} ->
            counter(Total + Amount);
        {total, Asker} ->
            Asker ! {total, Total},
            counter(Total)
    end.

burst(_, 0) ->
    ok;
burst(Counter, Left) ->
    Counter ! {add, ?AMOUNT},
    burst(Counter, Left - 1).

total(Counter) ->
    Counter ! {total, self()},
    receive
        {total, Total} -> Total
    end.
