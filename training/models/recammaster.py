"""Wan2.1 with ReCamMaster's camera encoder and projector in every block (paper, section 4; released code).

Modules shared with the base keep their names, so the base model's weights load one to one.
"""

import os
from typing import Any, ClassVar, Literal

import torch
from accelerate import init_empty_weights
from diffusers import WanTransformer3DModel
from diffusers.configuration_utils import register_to_config
from diffusers.models.transformers.transformer_wan import WanTransformerBlock
from jaxtyping import Float
from torch import Tensor, nn

from ..config import Trained
from .conditions import Conditions

_NUMBERS_PER_POSE = 12
_NEW_MODULES = frozenset({"cam_encoder", "projector"})
_CAMERA_AND_SELF_ATTENTION = _NEW_MODULES | {"attn1"}


class _MixedRMSNorm(nn.RMSNorm):
    """RMSNorm that casts its float32 weight to the input's type, for which torch has a fused kernel."""

    def forward(self, hidden_states: Tensor) -> Tensor:
        weight = self.weight.to(hidden_states.dtype)
        return nn.functional.rms_norm(hidden_states, self.normalized_shape, weight, self.eps)


class CamWanBlock(WanTransformerBlock):
    """A Wan block whose self-attention sees the camera and passes through a projector."""

    def __init__(
        self,
        dim: int,
        ffn_dim: int,
        num_heads: int,
        qk_norm: str,
        cross_attn_norm: bool,
        eps: float,
        projector_init: Literal["identity", "zero"],
    ) -> None:
        super().__init__(dim, ffn_dim, num_heads, qk_norm, cross_attn_norm, eps)
        # The trained weights of attention stay float32 under mixed precision.
        for attention in (self.attn1, self.attn2):
            attention.norm_q = _MixedRMSNorm(dim, eps=eps)
            attention.norm_k = _MixedRMSNorm(dim, eps=eps)
        self.cam_encoder = nn.Linear(_NUMBERS_PER_POSE, dim)
        self.projector = nn.Linear(dim, dim)
        self.is_projector_residual = projector_init == "zero"
        self.reset_new_modules()

    def reset_new_modules(self) -> None:
        """Give camera encoder and projector values with which the block computes what Wan's does."""
        for weight in (self.cam_encoder.weight, self.cam_encoder.bias, self.projector.bias):
            nn.init.zeros_(weight)
        (nn.init.zeros_ if self.is_projector_residual else nn.init.eye_)(self.projector.weight)

    def forward(
        self,
        hidden_states: Float[Tensor, "batch tokens dim"],
        encoder_hidden_states: Float[Tensor, "batch text dim"],
        temb: Float[Tensor, "batch 6 dim"],
        rotary_emb: tuple[Tensor, Tensor],
        camera: Float[Tensor, "batch frames 12"],
    ) -> Float[Tensor, "batch tokens dim"]:
        """Return the next hidden states; the tokens of the target's frames come first, then the source's.

        The camera of target frame j is added to the tokens of frame j in both halves.
        """
        modulation = (self.scale_shift_table + temb.float()).chunk(6, dim=1)
        shift, scale, gate, ffn_shift, ffn_scale, ffn_gate = modulation

        normed = (self.norm1(hidden_states.float()) * (1 + scale) + shift).type_as(hidden_states)
        cameras = self.cam_encoder(camera.to(self.cam_encoder.weight.dtype)).repeat(1, 2, 1)[:, :, None]
        normed = (normed.unflatten(1, (2 * camera.shape[1], -1)) + cameras).flatten(1, 2)
        attended = self.attn1(normed, None, None, rotary_emb)
        projected = self.projector(attended)
        attended = attended + projected if self.is_projector_residual else projected
        hidden_states = (hidden_states.float() + attended * gate).type_as(hidden_states)

        normed = self.norm2(hidden_states.float()).type_as(hidden_states)
        hidden_states = hidden_states + self.attn2(normed, encoder_hidden_states, None, None)

        normed = (self.norm3(hidden_states.float()) * (1 + ffn_scale) + ffn_shift).type_as(hidden_states)
        return (hidden_states.float() + self.ffn(normed).float() * ffn_gate).type_as(hidden_states)


class CamWanTransformer3DModel(WanTransformer3DModel):
    """Wan's video transformer, conditioned on a source video and a target camera.

    Build it from base weights with ``from_base``; ``save_pretrained`` writes ``projector_init`` and
    ``source_rope`` to the config, and ``from_pretrained`` reads them. Wan I2V is not supported.
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
        projector_init: Literal["identity", "zero"] = "identity",
        source_rope: Literal["extend", "repeat"] = "extend",
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
            CamWanBlock(dim, ffn_dim, num_attention_heads, qk_norm, cross_attn_norm, eps, projector_init)
            for _ in range(num_layers)
        )
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
        """Return a model with new camera modules and the weights of ``base``, which are not copied.

        Only its ``trainable_parameters`` require gradients. ``options`` are ``projector_init`` and
        ``source_rope``. ValueError if ``base`` is not a Wan2.1 text-to-video transformer.
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
        missing = [key for key in found.missing_keys if _NEW_MODULES.isdisjoint(key.split("."))]
        if missing or found.unexpected_keys:
            raise ValueError(f"weights do not match: {missing + found.unexpected_keys}")
        for block in model.blocks:
            for module in (block.cam_encoder, block.projector):
                module.to_empty(device=base.device).to(base.patch_embedding.weight.dtype)
            block.reset_new_modules()
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
        camera, text = conditions.camera, conditions.text
        both = torch.cat([noisy_latents, conditions.source_latents], dim=2)
        frames = noisy_latents.shape[2]
        rotary = self._rotary(both, frames)
        hidden = self.patch_embedding(both.to(self.patch_embedding.weight.dtype))
        grid = hidden.shape[2:]
        hidden = hidden.flatten(2).transpose(1, 2).contiguous()
        # Autocast would round the time embedding to bfloat16.
        with torch.autocast(hidden.device.type, enabled=False):
            text = text.to(self.condition_embedder.time_proj.weight.dtype)
            temb, modulation, text, _ = self.condition_embedder(timestep, text, None)
        modulation = modulation.unflatten(1, (6, -1))
        for block in self.blocks:
            if torch.is_grad_enabled() and self.gradient_checkpointing:
                hidden = self._gradient_checkpointing_func(block, hidden, text, modulation, rotary, camera)
            else:
                hidden = block(hidden, text, modulation, rotary, camera)
        shift, scale = (self.scale_shift_table + temb.unsqueeze(1)).chunk(2, dim=1)
        hidden = (self.norm_out(hidden.float()) * (1 + scale) + shift).type_as(hidden)
        return self._unpatchify(self.proj_out(hidden), grid)[:, :, :frames]

    def _rotary(self, both: Tensor, frames: int) -> tuple[Tensor, Tensor]:
        if self.config.source_rope == "extend":
            return self.rope(both)
        cos, sin = self.rope(both[:, :, :frames])
        return torch.cat([cos, cos], dim=1), torch.cat([sin, sin], dim=1)

    def _unpatchify(self, tokens: Tensor, grid: torch.Size) -> Tensor:
        patches = tokens.unflatten(2, (*self.config.patch_size, -1)).unflatten(1, tuple(grid))
        return patches.permute(0, 7, 1, 4, 2, 5, 3, 6).flatten(6, 7).flatten(4, 5).flatten(2, 3)
