import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from running import run

from unstuck.runner import seeds
from unstuck.runner.seeds import shifted

DRAWS = """
import json, random, sys
import numpy as np
k = int(sys.argv[1])
out = {}
random.seed(1 + k)
out["random.seed"] = random.random()
random.seed(a=1 + k)
out["random.seed(a=)"] = random.random()
out["random.Random"] = random.Random(1 + k).random()
np.random.seed(2 + k)
out["np.random.seed"] = np.random.rand()
out["default_rng"] = np.random.default_rng(3 + k).random()
out["default_rng(seed=)"] = np.random.default_rng(seed=3 + k).random()
out["RandomState"] = np.random.RandomState(4 + k).rand()
out["PCG64"] = np.random.Generator(np.random.PCG64(5 + k)).random()
out["SeedSequence"] = np.random.default_rng(np.random.SeedSequence(entropy=6 + k)).random()
assert isinstance(np.random.mtrand._rand, np.random.RandomState)
assert isinstance(np.random.RandomState(0), np.random.RandomState)
assert not isinstance(0, np.random.RandomState)
assert np.random.RandomState.__name__ == "RandomState"
assert issubclass(type(np.random.mtrand._rand), np.random.RandomState)
class Mine(np.random.RandomState): pass
assert isinstance(Mine(1), Mine) and not isinstance(np.random.RandomState(1), Mine)
print(json.dumps(out))
"""

TORCH = """
import copy, json, sys
import torch
k = int(sys.argv[1])
out = {}
torch.manual_seed(7 + k)
out["manual_seed"] = torch.rand(1).item()
torch.random.manual_seed(8 + k)
out["random.manual_seed"] = torch.rand(1).item()
generator = torch.Generator()
assert generator.manual_seed(9 + k) is generator
out["Generator"] = torch.rand(1, generator=generator).item()
generator = torch.Generator("cpu").manual_seed(10 + k)
out["randperm"] = torch.randperm(1000, generator=generator)[0].item()
data = torch.utils.data.TensorDataset(torch.arange(100.0))
loader = torch.utils.data.DataLoader(data, shuffle=True, generator=generator)
out["loader"] = next(iter(loader))[0].item()
assert isinstance(torch.default_generator, torch.Generator)
assert isinstance(torch.nn.Linear(1, 1).weight, torch.Tensor)
print(json.dumps(out))
"""


def drawn(tmp_path, source, *, by_us, by_script):
    outcome = run(tmp_path, source, argv=(str(by_script),), seed_offset=by_us)
    assert outcome.code == 0, outcome.stderr
    assert (outcome.stderr, outcome.trouble) == (b"", ())
    return json.loads(outcome.stdout)


@pytest.mark.parametrize("source", [DRAWS, TORCH], ids=["numpy", "torch"])
def test_a_shifted_seed_is_the_seed_that_the_script_might_have_set(tmp_path, source):
    expected = drawn(tmp_path, source, by_us=0, by_script=5)
    assert drawn(tmp_path, source, by_us=5, by_script=0) == expected
    untouched = drawn(tmp_path, source, by_us=0, by_script=0)
    assert all(untouched[name] != expected[name] for name in expected)


def test_no_offset_leaves_everything_untouched(tmp_path):
    source = (
        "import random, numpy as np\n"
        "print([hasattr(f, '__wrapped__') for f in (random.seed, random.Random.seed)])\n"
        "print([hasattr(f, '__wrapped__') for f in (np.random.seed, np.random.default_rng)])\n"
        "print(type(np.random.RandomState), np.random.RandomState.__mro__[1])"
    )
    said = run(tmp_path, source, seed_offset=0).stdout
    expected = "[False, False]\n[False, False]\n<class 'type'> <class 'object'>\n"
    assert said == expected.encode()


def test_a_learner_of_scikit_learn_differs(tmp_path):
    source = (
        "from sklearn.model_selection import train_test_split\nimport sys\n"
        "k = int(sys.argv[1])\n"
        "print(train_test_split(list(range(50)), random_state=k)[1])"
    )
    first = run(tmp_path, source, argv=("0",), seed_offset=4).stdout
    assert first == run(tmp_path, source, argv=("4",)).stdout
    assert first != run(tmp_path, source, argv=("0",)).stdout


def test_a_script_that_sets_no_seed_is_not_disturbed(tmp_path):
    source = "import random, numpy as np\nnp.random.seed(None)\nnp.random.default_rng()\n"
    source += "np.random.RandomState()\nrandom.seed()\nrandom.Random()\nrandom.SystemRandom()"
    assert run(tmp_path, source, seed_offset=1).code == 0


def test_a_seed_that_is_refused_is_still_refused(tmp_path):
    source = "import numpy as np\nnp.random.seed(-1)"
    assert run(tmp_path, source, seed_offset=1).exception == (
        "ValueError: Seed must be between 0 and 2**32 - 1"
    )


def test_a_seed_that_is_handed_on_is_shifted_once():
    inner = seeds._shifting(lambda seed: seed, 5, 32)
    outer = seeds._shifting(lambda seed: (seed, inner(seed), inner(seed=seed)), 5, 32)
    assert outer(1) == (6, 6, 6)
    assert outer(seed=1) == (6, 6, 6)
    assert inner(1) == 6


def test_a_seeding_that_fails_is_forgotten():
    failing = seeds._shifting(lambda seed: 1 / 0, 5, 32)
    with pytest.raises(ZeroDivisionError):
        failing(1)
    assert seeds._shifting(lambda seed: seed, 5, 32)(1) == 6


OFFSETS = st.integers(1, 1000)
SEEDS = st.integers(0, 2**32 - 1) | st.text() | st.binary() | st.lists(st.integers(0, 99))


@given(SEEDS, OFFSETS, OFFSETS)
def test_different_offsets_give_different_seeds(seed, one, other):
    results = [shifted(seed, offset, bits=32) for offset in (one, other)]
    assert (results[0] == results[1]) == (one == other)
    assert results[0] != seed


@given(st.integers(0, 2**32 - 1), OFFSETS)
def test_a_seed_stays_within_its_bits(seed, offset):
    assert 0 <= shifted(seed, offset, bits=32) < 2**32


@given(st.integers(0, 1000), OFFSETS)
def test_a_whole_number_of_any_type_is_shifted_alike(seed, offset):
    kinds = (seed, np.int64(seed), np.uint32(seed), np.array(seed))
    assert {shifted(kind, offset, bits=32) for kind in kinds} == {seed + offset}


@given(st.sampled_from([None, np.random.default_rng(0), object()]), OFFSETS)
def test_what_is_no_seed_stays(seed, offset):
    assert shifted(seed, offset, bits=32) is seed
