import numpy as np
from mnist1d.data import get_dataset_args, get_templates
from mnist1d.transform import transform

from refnets.config.build import build
from refnets.figures.mnist1d_examples import made_from_templates


def test_the_last_stage_is_what_the_package_makes(job):
    stages = made_from_templates(build("data", job()[0].data))
    np.random.seed(42)
    templates = get_templates()
    for template, (first, *_, last) in zip(templates["x"], stages, strict=True):
        expected, _ = transform(template, templates["t"], get_dataset_args())
        assert np.array_equal(first, template)
        assert np.allclose(last, expected, atol=1e-12)
