"""Wan2.1 that sees a source video and a target camera, in the ways that ReCamMaster compares (section 4.2).

Modules shared with the base keep their names, so the base model's weights load one to one.
"""

import os
from typing import Any, ClassVar, Literal

import torch
from accelerate import init_empty_weights
from diffusers import WanTransformer3DModel
from diffusers.configuration_utils import register_to_config
from diffusers.models.transformers.transformer_wan import WanRotaryPosEmbed
from jaxtyping import Float
from torch import Tensor, nn

from ..config import Trained
from .cam_block import NEW_MODULES, Cameras, CamWanBlock
from .camera_encoding import ADDED_NUMBERS, CameraEncoding, camera_of_tokens, rotary_dim
from .conditions import Conditions

_CAMERA_AND_SELF_ATTENTION = NEW_MODULES | {"attn1"}


class CamWanTransformer3DModel(WanTransformer3DModel):
    """Wan's video transformer, conditioned on a source video and a target camera.

    Build it from base weights with ``from_base``; ``save_pretrained`` writes its options to the config, and
    ``from_pretrained`` reads them. Wan I2V is not supported.

    Args:
        conditioning: how it sees the source: ``frame``, the tokens of both videos follow each other;
            ``channel``, an embedding of the source, which begins as zero, is added to that of the target;
            ``view``, both videos are sequences of their own, with attention between their frames.
        projector_init, source_rope, token_order, camera_encoding, camera_tokens: see
            ``training.config.Model``.
    """

    _no_split_modules: ClassVar = ["CamWanBlock"]
    _repeated_blocks: ClassVar = ["CamWanBlock"]

    @register_to_config
    def __init__(
        self,
        patch_size: tuple[int, ...] | list[int] = (1, 2, 2),
        num_attention_heads: int = 12,
        attention_head_dim: int = 128,
        in_channels: int = 16,
        out_channels: int = 16,
        text_dim: int = 4096,
        freq_dim: int = 256,
        ffn_dim: int = 8960,
        num_layers: int = 30,
        cross_attn_norm: bool = True,
        qk_norm: str = "rms_norm_across_heads",
        eps: float = 1e-6,
        rope_max_seq_len: int = 1024,
        conditioning: Literal["frame", "channel", "view"] = "frame",
        projector_init: Literal["identity", "zero"] = "identity",
        source_rope: Literal["extend", "repeat"] = "extend",
        token_order: Literal["target_first", "source_first"] = "target_first",
        camera_encoding: CameraEncoding = "poses",
        camera_tokens: Literal["both", "target"] = "both",
    ) -> None:
        # The decorated __init__ would record num_layers=0 in the config.
        WanTransformer3DModel.__init__.__wrapped__(
            self,
            patch_size=tuple(patch_size),
            num_attention_heads=num_attention_heads,
            attention_head_dim=attention_head_dim,
            in_channels=in_channels,
            out_channels=out_channels,
            text_dim=text_dim,
            freq_dim=freq_dim,
            ffn_dim=ffn_dim,
            num_layers=0,
            cross_attn_norm=cross_attn_norm,
            qk_norm=qk_norm,
            eps=eps,
            rope_max_seq_len=rope_max_seq_len,
        )
        dim = num_attention_heads * attention_head_dim
        self.blocks = nn.ModuleList(
            CamWanBlock(
                dim,
                ffn_dim,
                num_attention_heads,
                qk_norm,
                cross_attn_norm,
                eps,
                projector_init,
                has_view_attention=conditioning == "view",
                camera_encoding=camera_encoding,
            )
            for _ in range(num_layers)
        )
        self.camera_rope: WanRotaryPosEmbed | None = None
        if camera_encoding not in ADDED_NUMBERS:
            self.camera_rope = WanRotaryPosEmbed(
                rotary_dim(attention_head_dim), self.config.patch_size, rope_max_seq_len
            )
        self.source_embedding: nn.Conv3d | None = None
        if conditioning == "channel":
            # With the embedding of the target it is one convolution of twice as many channels (eq. 5).
            size = patch_size[0], patch_size[1], patch_size[2]
            self.source_embedding = nn.Conv3d(in_channels, dim, size, size, bias=False)
            nn.init.zeros_(self.source_embedding.weight)
        self.trained: Trained = "camera_and_self_attention"

    @classmethod
    def from_pretrained(cls, folder: str | os.PathLike[str] | None, **options: Any) -> Any:
        """Load what ``save_pretrained`` wrote; ValueError for a base model, which has no camera modules.

        ``options`` are those of diffusers.
        """
        config = cls.load_config(folder, subfolder=options.get("subfolder"))
        if "projector_init" not in config:
            fix = f"load it as {WanTransformer3DModel.__name__}, and use from_base"
            raise ValueError(f"{folder}: a model without camera modules; {fix}")
        return super().from_pretrained(folder, **options)

    @classmethod
    def from_base(cls, base: WanTransformer3DModel, **options: Any) -> "CamWanTransformer3DModel":
        """Return a model with new modules and the weights of ``base``, which are not copied.

        Its output is that of ``base``. Only its ``trainable_parameters`` require gradients. ``options`` are
        those of the class. ValueError if ``base`` is not a Wan2.1 text-to-video transformer.
        """
        known = {key: value for key, value in base.config.items() if not key.startswith("_")}
        unsupported = {
            key for key in ("image_dim", "added_kv_proj_dim", "pos_embed_seq_len") if known.pop(key)
        }
        if unsupported:
            raise ValueError(f"a text-to-video transformer is needed; this one has {sorted(unsupported)}")
        with init_empty_weights(include_buffers=False):
            model = cls(**known, **options)
        found = model.load_state_dict(base.state_dict(), strict=False, assign=True)
        missing = [key for key in found.missing_keys if NEW_MODULES.isdisjoint(key.split("."))]
        if missing or found.unexpected_keys:
            raise ValueError(f"weights do not match: {missing + found.unexpected_keys}")
        for name, module in model.named_modules():
            if name.rpartition(".")[2] in NEW_MODULES:
                module.to_empty(device=base.device).to(base.patch_embedding.weight.dtype)
        for block in model.blocks:
            block.reset_new_modules()
        if model.source_embedding is not None:
            nn.init.zeros_(model.source_embedding.weight)
        model.train_only(model.trained)
        return model

    def train_only(self, trained: Trained) -> None:
        """Choose the ``trainable_parameters``: the others require no gradients."""
        self.trained = trained
        self.requires_grad_(False)
        for weight in self.trainable_parameters().values():
            weight.requires_grad_(True)

    def trainable_parameters(self) -> dict[str, nn.Parameter]:
        """Return what training changes, by name."""
        named = dict(self.named_parameters())
        if self.trained == "all":
            return named
        chosen = _CAMERA_AND_SELF_ATTENTION
        return {name: weight for name, weight in named.items() if not chosen.isdisjoint(name.split("."))}

    def forward(
        self,
        noisy_latents: Float[Tensor, "batch channels frames height width"],
        timestep: Float[Tensor, " batch"],
        conditions: Conditions,
    ) -> Float[Tensor, "batch channels frames height width"]:
        """Return the velocity of the target latents; ``timestep`` is 1000 sigma, float32."""
        hidden = self._embedded(noisy_latents, conditions.source_latents)
        frames, rotary = noisy_latents.shape[2], self._rotary(noisy_latents, self.rope)
        grid = hidden.shape[2:]
        hidden = hidden.flatten(2).transpose(1, 2).contiguous()
        sequences = hidden.shape[0] // noisy_latents.shape[0]
        text, timestep = conditions.text.repeat(sequences, 1, 1), timestep.repeat(sequences)
        # Autocast would round positions and the time embedding to bfloat16.
        with torch.autocast(hidden.device.type, enabled=False):
            cameras = self._cameras(conditions, noisy_latents)
            text = text.to(self.condition_embedder.time_proj.weight.dtype)
            temb, modulation, text, _ = self.condition_embedder(timestep, text, None)
        modulation = modulation.unflatten(1, (6, -1))
        for block in self.blocks:
            if torch.is_grad_enabled() and self.gradient_checkpointing:
                hidden = self._gradient_checkpointing_func(block, hidden, text, modulation, rotary, cameras)
            else:
                hidden = block(hidden, text, modulation, rotary, cameras)
        shift, scale = (self.scale_shift_table + temb.unsqueeze(1)).chunk(2, dim=1)
        hidden = (self.norm_out(hidden.float()) * (1 + scale) + shift).type_as(hidden)
        velocity = self._unpatchify(self.proj_out(hidden), grid)
        if self.config.conditioning == "frame":
            is_first = self.config.token_order == "target_first"
            return velocity[:, :, :frames] if is_first else velocity[:, :, frames:]
        return velocity[: noisy_latents.shape[0]]

    def _embedded(self, noisy: Tensor, source: Tensor) -> Float[Tensor, "sequences dim frames height width"]:
        """The tokens of both videos."""
        dtype = self.patch_embedding.weight.dtype
        noisy, source = noisy.to(dtype), source.to(dtype)
        if self.source_embedding is not None:
            embedded: Tensor = self.patch_embedding(noisy)
            return embedded + self.source_embedding(source.to(self.source_embedding.weight.dtype))
        if self.config.conditioning == "view":
            return self.patch_embedding(torch.cat([noisy, source]))
        is_first = self.config.token_order == "target_first"
        return self.patch_embedding(torch.cat([noisy, source] if is_first else [source, noisy], dim=2))

    def _cameras(self, conditions: Conditions, latents: Tensor) -> Cameras:
        """The cameras of the tokens of both videos, as ``camera_tokens`` says."""
        options, poses, intrinsics = self.config, conditions.camera, conditions.intrinsics
        rows, columns = (
            side // patch for side, patch in zip(latents.shape[3:], options.patch_size[1:], strict=True)
        )
        own = camera_of_tokens(options.camera_encoding, poses, intrinsics, (rows, columns))
        if options.conditioning == "channel":
            return Cameras(frames=own)
        dim = 1 if options.conditioning == "frame" else 0
        is_first = dim == 0 or options.token_order == "target_first"
        of_source, mask = own, None
        if options.camera_tokens == "target" and self.camera_rope is None:
            seen = torch.ones_like(own[:, :, :1, :1])
            mask = torch.cat([seen, 0 * seen] if is_first else [0 * seen, seen], dim=dim)
        elif options.camera_tokens == "target":
            still = torch.eye(3, 4, device=poses.device).flatten().expand_as(poses)
            of_source = camera_of_tokens(options.camera_encoding, still, intrinsics, (rows, columns))
        return Cameras(
            frames=torch.cat([own, of_source] if is_first else [of_source, own], dim=dim),
            mask=mask,
            rotary=None if self.camera_rope is None else self._rotary(latents, self.camera_rope),
        )

    def _rotary(self, latents: Tensor, rope: WanRotaryPosEmbed) -> tuple[Tensor, Tensor]:
        """The positions of the tokens of a sequence."""
        if self.config.conditioning != "frame":
            return rope(latents)
        if self.config.source_rope == "extend":
            return rope(torch.cat([latents, latents], dim=2))
        cos, sin = rope(latents)
        return torch.cat([cos, cos], dim=1), torch.cat([sin, sin], dim=1)

    def _unpatchify(self, tokens: Tensor, grid: torch.Size) -> Tensor:
        patches = tokens.unflatten(2, (*self.config.patch_size, -1)).unflatten(1, tuple(grid))
        return patches.permute(0, 7, 1, 4, 2, 5, 3, 6).flatten(6, 7).flatten(4, 5).flatten(2, 3)
