from refnets.runs import Run
from refnets.train import prepare_apart
from refnets.trainer import stackable


def training(job, *overrides):
    cfg, directory = job(*overrides, "logger=none")
    return prepare_apart(cfg, Run(directory))


def test_networks_whose_loss_compares_examples_are_trained_alone(job):
    alone = training(job)
    assert stackable.stackable(alone)
    alone.task.loss.compares_examples = True
    assert not stackable.stackable(alone)


def test_networks_that_end_with_the_mean_of_their_weights_are_trained_alone(job):
    assert not stackable.stackable(training(job, "keep=average"))


def test_a_large_group_is_cut(job, monkeypatch):
    monkeypatch.setattr(stackable, "LARGEST", 2)
    seeds = [training(job, f"seed={seed}") for seed in range(5)]
    assert stackable.together(seeds) == [seeds[:2], seeds[2:4]]  # the last would be one of one
