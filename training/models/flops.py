"""The arithmetic of a training step, counted from the shapes of weights and of latents."""

from .cam_block import CamWanBlock
from .recammaster import CamWanTransformer3DModel

_FORWARD_AND_BACKWARD = 3


def training_flops(model: CamWanTransformer3DModel, latent_shape: tuple[int, ...], text_tokens: int) -> float:
    """Floating-point operations of forward and backward pass for one sample, without recomputation.

    A product with a weight counts twice its size for each token: forward, towards the input, and towards the
    weight if that is trained. ``latent_shape`` is channels, frames, height, width of one video.
    """
    options, (_, frames, height, width) = model.config, latent_shape
    of_frame = height * width // (options.patch_size[1] * options.patch_size[2])
    sequences, halves = {"frame": (1, 2), "channel": (1, 1), "view": (2, 1)}[options.conditioning]
    length = halves * frames * of_frame
    tokens = sequences * length
    total = 0.0
    for name, weight in model.named_parameters():
        if weight.ndim >= 2 and "blocks." in name and "scale_shift" not in name:
            is_text = "attn2.to_k" in name or "attn2.to_v" in name
            is_frame = "cam_encoder" in name and options.camera_encoding != "pluecker"
            rows = sequences * text_tokens if is_text else tokens // of_frame if is_frame else tokens
            total += 2 * (2 + weight.requires_grad) * rows * weight.numel()
    dim = options.num_attention_heads * options.attention_head_dim
    scores = sequences * (length**2 + length * text_tokens) * dim
    if options.conditioning == "view":
        scores += frames * (2 * of_frame) ** 2 * dim
    block = model.blocks[0]
    if isinstance(block, CamWanBlock) and block.cam_attn is not None:
        scores += sequences * length**2 * block.cam_attn.to_q.out_features
    return total + _FORWARD_AND_BACKWARD * 4 * scores * len(model.blocks)
