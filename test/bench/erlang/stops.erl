%% Stops a supervisor with 100,000 gen_servers and takes the time until it has ended. Each has a terminate/2, which
%% checks that it is its turn: who was started last ends first.
-module(stops).
-behaviour(gen_server).
-export([main/1, start_link/1, start_link/2, init/1, handle_call/3, handle_cast/2, terminate/2]).

-define(CHILDREN, 100000).
-define(STOPS, 2).

main(["wide"]) ->
    Left = counters:new(1, []),
    {ok, Top} = supervisor:start_link(?MODULE, {supervisor, [child(top, start_link, [Left], supervisor)]}),
    [_ | Taken] = [stop(Top, Left) || _ <- lists:seq(1, ?STOPS)],
    measured:report(measured:median(Taken) / 1000000).

stop(Top, Left) ->
    counters:put(Left, 1, ?CHILDREN),
    Started = erlang:monotonic_time(nanosecond),
    ok = supervisor:terminate_child(Top, top),
    Nanoseconds = erlang:monotonic_time(nanosecond) - Started,
    0 = counters:get(Left, 1),
    {ok, _} = supervisor:restart_child(Top, top),
    Nanoseconds.

child(Id, Start, Arguments, Type) ->
    #{id => Id, start => {?MODULE, Start, Arguments}, type => Type}.

start_link(Left) ->
    Children = [child(Id, start_link, [Id, Left], worker) || Id <- lists:seq(1, ?CHILDREN)],
    supervisor:start_link(?MODULE, {supervisor, Children}).

start_link(Id, Left) ->
    gen_server:start_link(?MODULE, {worker, Id, Left}, []).

init({supervisor, Children}) ->
    {ok, {#{}, Children}};
init({worker, Id, Left}) ->
    process_flag(trap_exit, true),
    {ok, {Id, Left}}.

handle_call(_, _, State) -> {reply, ok, State}.

handle_cast(_, State) -> {noreply, State}.

terminate(shutdown, {Id, Left}) ->
    Id = counters:get(Left, 1),
    counters:sub(Left, 1, 1).
