%% Crashes a supervised gen_server and takes the time until its next run handled a message.
%% Each has a supervisor of its own and they crash in turn, since a supervisor searches all its recent restarts
%% at each further one: many in one second would measure that search. The module is both, the supervisor and
%% the worker, and their init/1 tells them apart.
-module(crash).
-behaviour(gen_server).
-export([main/1, start_link/1, init/1, handle_call/3, handle_cast/2, handle_info/2]).

-define(SUPERVISORS, 500).

main([WarmUp, Measure]) ->
    %% A crash report that is formatted costs more than the restart itself.
    logger:set_primary_config(level, none),
    Main = self(),
    Workers = queue:from_list([start_supervised(Main) || _ <- lists:seq(1, ?SUPERVISORS)]),
    {_, Warm} = crash_for(list_to_integer(WarmUp), Workers),
    {Taken, _} = crash_for(list_to_integer(Measure), Warm),
    measured:report(measured:median(Taken) / 1000).

start_supervised(Main) ->
    {ok, _} = supervisor:start_link(?MODULE, {supervisor, Main}),
    started().

started() ->
    receive
        {started, Pid} -> Pid
    end.

crash_for(ForMs, Workers) ->
    crash_until(erlang:monotonic_time(nanosecond) + ForMs * 1000000, Workers, []).

crash_until(End, Workers, Taken) ->
    {{value, Worker}, Others} = queue:out(Workers),
    Started = erlang:monotonic_time(nanosecond),
    Worker ! crash,
    Next = started(),
    handled = gen_server:call(Next, probe),
    Now = erlang:monotonic_time(nanosecond),
    All = queue:in(Next, Others),
    case Now >= End of
        true -> {[Now - Started | Taken], All};
        false -> crash_until(End, All, [Now - Started | Taken])
    end.

start_link(Main) ->
    gen_server:start_link(?MODULE, {worker, Main}, []).

init({supervisor, Main}) ->
    Flags = #{strategy => one_for_one, intensity => 1000000, period => 1},
    {ok, {Flags, [#{id => worker, start => {?MODULE, start_link, [Main]}}]}};
init({worker, Main}) ->
    Main ! {started, self()},
    {ok, 0}.

handle_call(probe, _, Total) -> {reply, handled, Total}.

handle_cast(_, Total) -> {noreply, Total}.

handle_info(crash, _) -> error(crash).
