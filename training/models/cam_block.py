"""A block of Wan2.1 whose self-attention sees the camera (ReCamMaster: paper, section 4; released code)."""

from dataclasses import dataclass
from typing import Literal

import torch
from diffusers.models.normalization import FP32LayerNorm
from diffusers.models.transformers.transformer_wan import WanAttention, WanAttnProcessor, WanTransformerBlock
from jaxtyping import Float
from torch import Tensor, nn

from .camera_encoding import ADDED_NUMBERS, CameraEncoding, RelativeAttention

# In a block, and in the model itself.
NEW_MODULES = frozenset(
    {"cam_encoder", "cam_attn", "projector", "view_attn", "norm_view", "source_embedding"}
)
# Heads of attention with relative cameras: so much less than those of self-attention.
_FEWER_HEADS = 6


@dataclass(frozen=True, kw_only=True)
class Cameras:
    """What the tokens of each frame know of their camera; see ``camera_encoding.camera_of_tokens``.

    Attributes:
        mask: where it is added to tokens; None is everywhere.
        rotary: positions in relative attention; None without it.
    """

    frames: Float[Tensor, "batch frames places ..."]
    mask: Float[Tensor, "batch frames 1 1"] | None = None
    rotary: tuple[Tensor, Tensor] | None = None


class _MixedRMSNorm(nn.RMSNorm):
    """RMSNorm that casts its float32 weight to the input's type, for which torch has a fused kernel."""

    def forward(self, hidden_states: Tensor) -> Tensor:
        weight = self.weight.to(hidden_states.dtype)
        return nn.functional.rms_norm(hidden_states, self.normalized_shape, weight, self.eps)


class CamWanBlock(WanTransformerBlock):
    """A Wan block whose self-attention sees the camera and passes through a projector.

    With ``has_view_attention``, each frame of one half of the batch then sees the same frame of the other
    half (eq. 7). Encodings that are not added to tokens have an attention of their own beside self-attention.
    """

    def __init__(
        self,
        dim: int,
        ffn_dim: int,
        num_heads: int,
        qk_norm: str,
        cross_attn_norm: bool,
        eps: float,
        projector_init: Literal["identity", "zero"],
        has_view_attention: bool,
        camera_encoding: CameraEncoding,
    ) -> None:
        super().__init__(dim, ffn_dim, num_heads, qk_norm, cross_attn_norm, eps)
        self.view_attn = self.norm_view = None
        if has_view_attention:
            self.norm_view = FP32LayerNorm(dim, eps, elementwise_affine=True)
            self.view_attn = WanAttention(dim, num_heads, dim // num_heads, eps, processor=WanAttnProcessor())
        # The trained weights of attention stay float32 under mixed precision.
        for attention in filter(None, (self.attn1, self.attn2, self.view_attn)):
            attention.norm_q = _MixedRMSNorm(dim, eps=eps)
            attention.norm_k = _MixedRMSNorm(dim, eps=eps)
        self.cam_encoder = self.cam_attn = None
        if camera_encoding in ADDED_NUMBERS:
            self.cam_encoder = nn.Linear(ADDED_NUMBERS[camera_encoding], dim)
        else:
            self.cam_attn = RelativeAttention(dim, max(num_heads // _FEWER_HEADS, 1), dim // num_heads, eps)
        self.projector = nn.Linear(dim, dim)
        self.is_projector_residual = projector_init == "zero"
        self.reset_new_modules()

    @torch.no_grad()
    def reset_new_modules(self) -> None:
        """Give the new modules values with which the block computes what Wan's does.

        Attention between views, or with relations of cameras, begins as a copy of self-attention, or of its
        first heads, whose output is zero.
        """
        if self.cam_encoder is not None:
            nn.init.zeros_(self.cam_encoder.weight)
            nn.init.zeros_(self.cam_encoder.bias)
        if self.cam_attn is not None:
            self.cam_attn.reset_as_part_of(self.attn1)
        nn.init.zeros_(self.projector.bias)
        (nn.init.zeros_ if self.is_projector_residual else nn.init.eye_)(self.projector.weight)
        if self.view_attn is not None and self.norm_view is not None:
            self.view_attn.load_state_dict(self.attn1.state_dict())
            for weight in (self.view_attn.to_out[0].weight, self.view_attn.to_out[0].bias):
                nn.init.zeros_(weight)
            nn.init.ones_(self.norm_view.weight)
            nn.init.zeros_(self.norm_view.bias)

    def forward(
        self,
        hidden_states: Float[Tensor, "batch tokens dim"],
        encoder_hidden_states: Float[Tensor, "batch text dim"],
        temb: Float[Tensor, "batch 6 dim"],
        rotary_emb: tuple[Tensor, Tensor],
        cameras: Cameras,
    ) -> Float[Tensor, "batch tokens dim"]:
        """Return the next hidden states."""
        modulation = (self.scale_shift_table + temb.float()).chunk(6, dim=1)
        shift, scale, gate, ffn_shift, ffn_scale, ffn_gate = modulation

        normed = (self.norm1(hidden_states.float()) * (1 + scale) + shift).type_as(hidden_states)
        if self.cam_encoder is not None:
            normed = self._with_cameras(normed, cameras)
        attended = self.attn1(normed, None, None, rotary_emb)
        projected = self.projector(attended)
        attended = attended + projected if self.is_projector_residual else projected
        if self.cam_attn is not None and cameras.rotary is not None:
            attended = attended + self.cam_attn(normed, cameras.frames, cameras.rotary)
        hidden_states = (hidden_states.float() + attended * gate).type_as(hidden_states)
        if self.view_attn is not None:
            hidden_states = hidden_states + self._across_views(
                hidden_states, rotary_emb, cameras.frames.shape[1]
            )

        normed = self.norm2(hidden_states.float()).type_as(hidden_states)
        hidden_states = hidden_states + self.attn2(normed, encoder_hidden_states, None, None)

        normed = (self.norm3(hidden_states.float()) * (1 + ffn_scale) + ffn_shift).type_as(hidden_states)
        return (hidden_states.float() + self.ffn(normed).float() * ffn_gate).type_as(hidden_states)

    def _with_cameras(
        self, normed: Float[Tensor, "batch tokens dim"], cameras: Cameras
    ) -> Float[Tensor, "batch tokens dim"]:
        """Tokens, and what they know of their cameras."""
        assert self.cam_encoder is not None
        added = self.cam_encoder(cameras.frames.to(self.cam_encoder.weight.dtype))
        if cameras.mask is not None:
            added = added * cameras.mask.to(added.dtype)
        return (normed.unflatten(1, (added.shape[1], -1)) + added).flatten(1, 2)

    def _across_views(
        self, hidden_states: Float[Tensor, "batch tokens dim"], rotary: tuple[Tensor, Tensor], frames: int
    ) -> Float[Tensor, "batch tokens dim"]:
        """Attention of each frame to itself and to the same frame of the other half of the batch."""
        assert self.view_attn is not None and self.norm_view is not None
        normed = self.norm_view(hidden_states.float()).type_as(hidden_states).unflatten(1, (frames, -1))
        tokens = normed.shape[2]
        both = torch.cat(normed.chunk(2), dim=2).flatten(0, 1)
        cos, sin = (torch.cat([part[:, :tokens]] * 2, dim=1) for part in rotary)
        attended = self.view_attn(both, None, None, (cos, sin)).unflatten(0, (-1, frames))
        return torch.cat(attended.chunk(2, dim=2)).flatten(1, 2)
