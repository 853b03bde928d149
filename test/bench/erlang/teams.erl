%% How large a supervisor without children is, and how much it keeps for each child that its spec names: those answer
%% `ignore`, so that they have no processes of their own.
-module(teams).
-behaviour(supervisor).
-export([main/1, start_child/0, init/1]).

-define(SUPERVISORS, 50000).
-define(SPECS, 20000).

main(["supervisor"]) ->
    _Warm = start(?SUPERVISORS div 16),
    Before = settled(),
    All = start(?SUPERVISORS),
    Bytes = settled() - Before,
    ?SUPERVISORS = length([Pid || Pid <- All, is_process_alive(Pid)]),
    measured:report(Bytes / ?SUPERVISORS);
main(["spec"]) ->
    measured:report((bytes(?SPECS) - bytes(0)) / ?SPECS).

start(Count) ->
    [Pid || _ <- lists:seq(1, Count), {ok, Pid} <- [supervisor:start_link(?MODULE, 0)]].

bytes(Specs) ->
    {ok, Pid} = supervisor:start_link(?MODULE, Specs),
    Specs = proplists:get_value(specs, supervisor:count_children(Pid)),
    erlang:garbage_collect(Pid),
    {memory, Bytes} = process_info(Pid, memory),
    Bytes.

start_child() ->
    ignore.

init(Specs) ->
    Child = fun(Id) -> #{id => list_to_atom("child-" ++ integer_to_list(Id)), start => {?MODULE, start_child, []}} end,
    {ok, {#{}, [Child(Id) || Id <- lists:seq(1, Specs)]}}.

%% The list of processes is ours and no part of what a process keeps, so only their own memory is read.
settled() ->
    erlang:garbage_collect(),
    timer:sleep(200),
    erlang:memory(processes).
