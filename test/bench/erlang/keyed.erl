%% Processes that are started by the first message to their key: a table knows the process of each key, and whoever
%% finds none starts it. A burst ends when all have counted the message that they handled.
-module(keyed).
-export([main/1]).

-define(AMOUNT, 5).
-define(BURST, 4000).

main([WarmUp, Measure]) ->
    Keys = ets:new(keys, [set, public, {read_concurrency, true}]),
    Handled = counters:new(1, [write_concurrency]),
    put(reached, 0),
    Rate = measured:rate(list_to_integer(WarmUp), list_to_integer(Measure), fun() ->
        From = get(reached),
        put(reached, From + ?BURST),
        reach(Keys, Handled, From, From + ?BURST),
        until(Handled, From + ?BURST),
        ?BURST
    end),
    Reached = get(reached),
    Reached = length([Pid || {_, Pid} <- ets:tab2list(Keys), is_process_alive(Pid)]),
    measured:report(Rate).

reach(_, _, End, End) ->
    ok;
reach(Keys, Handled, Number, End) ->
    Key = <<"customer-", (integer_to_binary(Number))/binary>>,
    awake(Keys, Handled, Key) ! {add, ?AMOUNT},
    reach(Keys, Handled, Number + 1, End).

awake(Keys, Handled, Key) ->
    case ets:lookup(Keys, Key) of
        [{_, Pid}] ->
            Pid;
        [] ->
            Pid = spawn(fun() -> customer(Handled, 0) end),
            ets:insert(Keys, {Key, Pid}),
            Pid
    end.

customer(Handled, Total) ->
    receive
        {add, Amount} ->
            counters:add(Handled, 1, 1),
            customer(Handled, Total + Amount)
    end.

until(Handled, Expected) ->
    case counters:get(Handled, 1) of
        Expected ->
            ok;
        _ ->
            erlang:yield(),
            until(Handled, Expected)
    end.
