from refnets.benchmarks.rounds import in_turn


def test_all_ways_take_turns_and_the_first_round_does_not_count():
    done = []

    def way(name):
        return lambda: done.append(name) or float(len(done))

    assert in_turn({"a": way("a"), "b": way("b")}, rounds=2) == {"a": [3, 5], "b": [4, 6]}
    assert done == ["a", "b"] * 3
