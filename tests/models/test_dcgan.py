import pytest
import torch
from torch import nn

from feelscope.models.dcgan import PLANS, Discriminator, Generator

NARROW = 0.03


def convolutions(network):
    return [one for one in network.modules() if isinstance(one, nn.Conv2d | nn.ConvTranspose2d)]


def test_the_published_32_pixel_networks() -> None:
    generator, discriminator = Generator(32), Discriminator(32)
    assert [one.out_channels for one in convolutions(discriminator)] == [128, 128, 256, 256, 512, 512]
    assert [one.stride[0] for one in convolutions(discriminator)] == [1, 2, 1, 2, 1, 2]
    assert [one.out_channels for one in convolutions(generator)] == [512, 256, 256, 128, 128, 3]
    assert [one.stride[0] for one in convolutions(generator)] == [2, 1, 2, 1, 2, 1]
    assert {one.kernel_size for one in convolutions(generator) + convolutions(discriminator)} == {(3, 3)}
    assert generator.project[0].weight.shape == (512 * 4 * 4, 256)
    assert discriminator.eval().features(torch.zeros(1, 3, 32, 32)).shape == (1, 28_672)


def test_the_published_64_pixel_networks() -> None:
    with torch.device("meta"):  # 19 million weights that no sum needs
        generator, discriminator = Generator(64), Discriminator(64)
    assert [one.out_channels for one in convolutions(discriminator)] == [128, 256, 512, 1024]
    assert [one.out_channels for one in convolutions(generator)] == [512, 256, 128, 3]
    both = convolutions(generator) + convolutions(discriminator)
    assert {(one.kernel_size[0], one.stride[0]) for one in both} == {(5, 2)}
    assert generator.project[0].weight.shape == (1024 * 4 * 4, 100)


@pytest.mark.parametrize("size", PLANS)
def test_where_norms_and_which_activations_are(size) -> None:
    generator, discriminator = Generator(size, 0, NARROW), Discriminator(size, 0, NARROW)
    assert isinstance(generator.draw[-1], nn.Tanh) and isinstance(generator.draw[-2], nn.ConvTranspose2d)
    assert not any(isinstance(one, nn.LeakyReLU) for one in generator.modules())
    first, *others = [[type(one) for one in layer] for layer in discriminator.layers]
    assert first == [nn.Conv2d, nn.LeakyReLU]
    assert all(layer == [nn.Conv2d, nn.BatchNorm2d, nn.LeakyReLU] for layer in others)
    assert {one.negative_slope for one in discriminator.modules() if isinstance(one, nn.LeakyReLU)} == {0.2}
    assert all(one.bias is None for one in convolutions(generator) + convolutions(discriminator))


def test_weights_at_the_start() -> None:
    torch.manual_seed(0)
    for network in (Generator(32, 0, 0.25), Discriminator(32, 0, 0.25)):
        for one in convolutions(network)[1:-1]:
            assert float(one.weight.detach().std()) == pytest.approx(0.02, rel=0.05)
            assert abs(float(one.weight.detach().mean())) < 0.002


@pytest.mark.parametrize("size", PLANS)
@pytest.mark.parametrize("condition", [0, 5])
def test_shapes_ranges_and_gradients(size, condition) -> None:
    torch.manual_seed(0)
    generator, discriminator = Generator(size, condition, NARROW), Discriminator(size, condition, NARROW)
    asked = torch.eye(5)[:4] if condition else None
    pictures = generator(torch.rand(4, generator.noise) * 2 - 1, asked)
    assert pictures.shape == (4, 3, size, size)
    assert pictures.abs().max() <= 1
    scores = discriminator(pictures, asked)
    assert scores.shape == (4,)
    scores.square().sum().backward()
    for network in (generator, discriminator):
        for name, weight in network.named_parameters():
            assert weight.grad is not None and weight.grad.abs().sum() > 0, name


@torch.no_grad()
def test_a_condition_changes_picture_and_score() -> None:
    torch.manual_seed(0)
    generator, discriminator = Generator(32, 3, NARROW), Discriminator(32, 3, NARROW)
    asked = torch.eye(3)[:2]
    pictures = generator(torch.rand(1, 256).expand(2, -1), asked)
    assert (pictures[0] - pictures[1]).abs().max() > 1e-4
    real = torch.rand(2, 3, 32, 32)
    scores = discriminator(real, asked)
    assert (scores - discriminator(real, asked.flip(0))).abs().min() > 1e-4
    assert torch.allclose(discriminator.judge(discriminator.read(real), asked), scores)


def test_features_are_all_layers_pooled_as_a_plain_loop() -> None:
    torch.manual_seed(0)
    discriminator = Discriminator(32, 0, NARROW).eval()
    picture = torch.rand(1, 3, 32, 32)
    found, wanted = discriminator.features(picture)[0].detach(), []
    layer = picture
    for network in discriminator.layers:
        layer = network(layer)
        step = layer.shape[2] // 4
        for channel in layer[0]:
            for row in range(4):
                for column in range(4):
                    square = channel[row * step : (row + 1) * step, column * step : (column + 1) * step]
                    wanted.append(float(square.detach().max()))
    assert found.tolist() == pytest.approx(wanted, abs=1e-6)


def test_a_picture_alone_is_the_picture_among_others() -> None:
    generator = Generator(32, 0, NARROW).eval()
    noise = torch.rand(3, 256)
    assert torch.allclose(generator(noise)[1], generator(noise[1:2])[0], atol=1e-6)
