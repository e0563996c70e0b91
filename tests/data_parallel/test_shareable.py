import pytest

from refnets.config.build import build
from refnets.data_parallel.shareable import refuse_unshareable

FEW = "data.num_train=5", "data.num_test=2"


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["experiment=mnist1d_contrastive"], "compares the examples of a batch"),
        (
            ["experiment=shapes_unet", "data.batch_size=2"],
            "with data.batch_size=2 the last batch of 5 examples has 1, fewer than",
        ),
        (
            ["experiment=shapes_unet", "data.batch_size=1"],
            "with data.batch_size=1 the last batch of 5 examples has 1, fewer than",
        ),
        (["experiment=shapes_unet", "data.num_test=1"], "the test split has only 1 examples"),
    ],
)
def test_what_two_processes_cannot_share_is_refused(job, overrides, message):
    drawn = FEW if "experiment=shapes_unet" in overrides else ()
    cfg, _ = job(*drawn, *overrides)
    data, loss = build("data", cfg.data), build("loss", cfg.loss)
    refuse_unshareable(data, loss, 1)
    with pytest.raises(ValueError, match=f"trainer.devices=2: .*{message}"):
        refuse_unshareable(data, loss, 2)
