%% Two processes answer each other; a message carries how many are left.
-module(rally).
-export([main/1]).

-define(MESSAGES, 20000).

main([WarmUp, Measure]) ->
    Main = self(),
    Ping = spawn(fun() -> player(Main, 0) end),
    Pong = spawn(fun() -> player(Main, 0) end),
    Rate = measured:rate(list_to_integer(WarmUp), list_to_integer(Measure), fun() ->
        Before = handled(Ping) + handled(Pong),
        Ping ! {ball, Pong, ?MESSAGES - 1},
        receive
            over -> ok
        end,
        Expected = Before + ?MESSAGES,
        Expected = handled(Ping) + handled(Pong),
        ?MESSAGES
    end),
    measured:report(Rate).

player(Main, Handled) ->
    receive
        {ball, _, 0} ->
            Main ! over,
            player(Main, Handled + 1);
        {ball, Other, Left} ->
            Other ! {ball, self(), Left - 1},
            player(Main, Handled + 1);
        {handled, Asker} ->
            Asker ! {handled, Handled},
            player(Main, Handled)
    end.

handled(Player) ->
    Player ! {handled, self()},
    receive
        {handled, Handled} -> Handled
    end.
