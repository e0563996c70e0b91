import pytest
from omegaconf import OmegaConf

from refnets.config.build import build


def test_an_unknown_key_of_the_logger_is_named_when_it_is_built():
    with pytest.raises(ValueError, match="logger.hyperparameter: TensorBoard has no 'hyperparameter'"):
        build("logger", {"_target_": "refnets.loggers.tensorboard.TensorBoard", "hyperparameter": 1})


def test_build_gives_what_the_node_describes():
    assert (
        build("loss", OmegaConf.create({"_target_": "refnets.losses.robust.StudentT", "min_dof": 2.5})).min_dof == 2.5
    )


def test_build_raises_the_error_of_the_constructor_itself(job):
    with pytest.raises(ValueError, match="gives 2 widths for model.depth=3"):
        build("model", job("model.width=[3,3]", "model.depth=3")[0].model, (1, 40), 10)


def test_what_is_no_data_set_is_refused():
    with pytest.raises(ValueError, match="data._target_=refnets.data.target.Values: should be a subclass of refnets"):
        build("data", {"_target_": "refnets.data.target.Values"})
