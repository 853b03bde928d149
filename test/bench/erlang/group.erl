%% Crashes one of a thousand gen_servers below a one_for_all supervisor and takes the time until all of them have
%% started again: the supervisor starts them in order, so the last one says when. All count their starts.
-module(group).
-behaviour(gen_server).
-export([main/1, start_link/2, init/1, handle_call/3, handle_cast/2, handle_info/2]).

-define(CHILDREN, 1000).

main([WarmUp, Measure]) ->
    %% A crash report that is formatted costs more than the restart of a child.
    logger:set_primary_config(level, none),
    Starts = counters:new(1, []),
    {ok, Supervisor} = supervisor:start_link(?MODULE, {supervisor, self(), Starts}),
    started(),
    _ = crash_for(list_to_integer(WarmUp), Supervisor, Starts),
    Taken = crash_for(list_to_integer(Measure), Supervisor, Starts),
    measured:report(measured:median(Taken) / 1000000).

started() ->
    receive
        started -> ok
    end.

crash_for(ForMs, Supervisor, Starts) ->
    crash_until(erlang:monotonic_time(nanosecond) + ForMs * 1000000, Supervisor, Starts, []).

crash_until(End, Supervisor, Starts, Taken) ->
    {1, First, _, _} = lists:keyfind(1, 1, supervisor:which_children(Supervisor)),
    Before = counters:get(Starts, 1) + ?CHILDREN,
    Started = erlang:monotonic_time(nanosecond),
    First ! crash,
    started(),
    Now = erlang:monotonic_time(nanosecond),
    Before = counters:get(Starts, 1),
    case Now >= End of
        true -> [Now - Started | Taken];
        false -> crash_until(End, Supervisor, Starts, [Now - Started | Taken])
    end.

start_link(Tell, Starts) ->
    gen_server:start_link(?MODULE, {worker, Tell, Starts}, []).

init({supervisor, Main, Starts}) ->
    Flags = #{strategy => one_for_all, intensity => 1000000, period => 1},
    Tell = fun(?CHILDREN) -> Main; (_) -> none end,
    Child = fun(Id) -> #{id => Id, start => {?MODULE, start_link, [Tell(Id), Starts]}} end,
    {ok, {Flags, [Child(Id) || Id <- lists:seq(1, ?CHILDREN)]}};
init({worker, Tell, Starts}) ->
    counters:add(Starts, 1, 1),
    _ = [Tell ! started || is_pid(Tell)],
    {ok, 0}.

handle_call(_, _, Total) -> {reply, Total, Total}.

handle_cast(_, Total) -> {noreply, Total}.

handle_info(crash, _) -> error(crash).
