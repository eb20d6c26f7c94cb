"""A complete Wan2.1 with random weights in about a megabyte, loaded like the real one."""

from pathlib import Path

import numpy as np
import torch
from diffusers import (
    AutoencoderKLWan,
    FlowMatchEulerDiscreteScheduler,
    WanPipeline,
    WanTransformer3DModel,
)
from jaxtyping import Float
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors
from torch import Tensor, nn
from transformers import PreTrainedTokenizerFast, UMT5Config, UMT5EncoderModel

from multitake.atomic import replacing
from multitake.randomness import rng_for

from ..encoders import quiet_libraries

_TEXT_DIM = 32
_SPECIAL = ("<pad>", "</s>", "<unk>")


def write_tiny_wan(folder: Path, *, seed: int) -> None:
    """Write transformer, autoencoder, text encoder, tokenizer and scheduler in diffusers layout.

    Names and config keys are those of Wan2.1-T2V-1.3B; layers are fewer and narrower. The autoencoder's
    latent statistics are measured on smooth random clips.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(int(rng_for(seed, "tiny wan").integers(2**63)))
        vae = _autoencoder(seed)
        transformer = WanTransformer3DModel(
            patch_size=(1, 2, 2),
            num_attention_heads=4,
            attention_head_dim=16,
            in_channels=16,
            out_channels=16,
            text_dim=_TEXT_DIM,
            freq_dim=256,
            ffn_dim=128,
            num_layers=2,
            cross_attn_norm=True,
            qk_norm="rms_norm_across_heads",
        )
        _init_variance_preserving(transformer)
        tokenizer = _byte_tokenizer()
        text_encoder = UMT5EncoderModel(
            UMT5Config(
                vocab_size=len(tokenizer),
                d_model=_TEXT_DIM,
                d_kv=8,
                d_ff=64,
                num_layers=1,
                num_heads=4,
                feed_forward_proj="gated-gelu",
            )
        )
    scheduler = FlowMatchEulerDiscreteScheduler(num_train_timesteps=1000, shift=5.0)
    with replacing(folder) as partial, quiet_libraries():
        WanPipeline(tokenizer, text_encoder, vae, scheduler, transformer).save_pretrained(partial)


def _autoencoder(seed: int) -> AutoencoderKLWan:
    shape = {"base_dim": 3, "z_dim": 16, "dim_mult": [1, 1, 1, 1], "num_res_blocks": 1}
    vae = AutoencoderKLWan(**shape, temperal_downsample=[False, True, True]).eval()
    with torch.no_grad():
        # With random biases every latent would decode to nearly the same image.
        for name, weight in vae.named_parameters():
            if name.endswith("bias"):
                weight.zero_()
        latents = vae.encode(_smooth_clips(seed)).latent_dist.mode()
    mean, std = latents.mean(dim=(0, 2, 3, 4)), latents.std(dim=(0, 2, 3, 4))
    vae.register_to_config(latents_mean=mean.tolist(), latents_std=std.tolist())
    return vae


def _init_variance_preserving(model: nn.Module) -> None:
    for name, weight in model.named_parameters():
        if weight.ndim in (2, 5):
            nn.init.normal_(weight, std=weight[0].numel() ** -0.5)
        elif name.endswith("bias"):
            nn.init.zeros_(weight)


def _smooth_clips(seed: int) -> Float[Tensor, "clips 3 frames height width"]:
    coarse = rng_for(seed, "smooth clips").uniform(-1, 1, (8, 3, 4, 6, 8)).astype(np.float32)
    return torch.nn.functional.interpolate(
        torch.from_numpy(coarse), size=(9, 48, 64), mode="trilinear", align_corners=True
    )


def _byte_tokenizer() -> PreTrainedTokenizerFast:
    letters = [*_SPECIAL, *sorted(pre_tokenizers.ByteLevel.alphabet())]
    vocabulary = {letter: index for index, letter in enumerate(letters)}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[], unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A </s>", special_tokens=[("</s>", vocabulary["</s>"])]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="<pad>", eos_token="</s>", unk_token="<unk>"
    )
