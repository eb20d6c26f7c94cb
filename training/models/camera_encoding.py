"""What tokens know about the camera: numbers added to them, or matrices that relate them in attention.

Poses are ``source0_from_target``; image positions are fractions of width and height, (0, 0) top left.
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from ..config import CameraEncoding

# How many numbers are added to a token.
ADDED_NUMBERS: dict[str, int] = {"poses": 12, "poses_and_intrinsics": 16, "pluecker": 6}
# Numbers of queries, keys and values that one matrix multiplies.
MATRIX_ROWS = 4


def camera_of_tokens(
    encoding: CameraEncoding,
    poses: Float[Tensor, "batch frames 12"],
    intrinsics: Float[Tensor, "batch frames 4"],
    grid: tuple[int, int],
) -> Float[Tensor, "batch frames places ..."]:
    """What the tokens of each frame know of their camera, float32.

    Args:
        encoding: ``poses`` gives the twelve numbers of the pose, ``poses_and_intrinsics`` also the four of
            the lens, and ``pluecker`` direction (length 1) and moment of the ray through a token's centre;
            these are added to tokens. ``prope`` gives the 4x4 matrix that projects points to the image
            (Li et al. 2025, arXiv 2507.10496), and ``relative_rays`` the one from the axes of the source to
            those of a token's ray, each with its inverse; these go into ``RelativeAttention``.
        poses: ``source0_from_target``, row-major 3x4.
        intrinsics: focal lengths and centre as fractions of width and height: fx, fy, cx, cy.
        grid: rows and columns of tokens in a frame.

    There is one place for all tokens of a frame, or one for each, row by row.
    """
    poses, intrinsics = poses.float(), intrinsics.float()
    if encoding == "poses":
        return poses[:, :, None]
    if encoding == "poses_and_intrinsics":
        return torch.cat([poses, intrinsics], dim=2)[:, :, None]
    matrices = poses.unflatten(2, (3, 4))
    if encoding == "prope":
        return _with_inverse(_image_from_source(matrices, intrinsics)[:, :, None])
    directions = _ray_directions(matrices, intrinsics, grid)
    position = matrices[:, :, None, :, 3].expand_as(directions)
    if encoding == "pluecker":
        return torch.cat([directions, torch.linalg.cross(position, directions)], dim=3)
    return _with_inverse(_ray_from_source(matrices[..., 1], directions, position))


class RelativeAttention(nn.Module):
    """Attention in which a camera matrix relates each two tokens; its output begins as zero.

    The first half of the numbers of a head is multiplied with the matrices D of the tokens, so the score of
    tokens i and j contains ``q_i D_i D_j^-1 k_j``, which does not depend on the axes of the world; values
    take the same way. The other half has rotary positions.
    """

    def __init__(self, dim: int, heads: int, head_dim: int, eps: float) -> None:
        super().__init__()
        self.heads = heads
        self.rotary_dim = rotary_dim(head_dim)
        inner = heads * head_dim
        self.to_q, self.to_k, self.to_v = (nn.Linear(dim, inner) for _ in range(3))
        self.norm_q, self.norm_k = nn.RMSNorm(head_dim, eps), nn.RMSNorm(head_dim, eps)
        self.to_out = nn.Linear(inner, dim)

    @torch.no_grad()
    def reset_as_part_of(self, attention: nn.Module) -> None:
        """Take queries, keys and values of the first heads of an attention, and no output."""
        for name in ("to_q", "to_k", "to_v"):
            own, other = getattr(self, name), getattr(attention, name)
            own.weight.copy_(other.weight[: len(own.weight)])
            own.bias.copy_(other.bias[: len(own.bias)])
        for norm in (self.norm_q, self.norm_k):
            nn.init.ones_(norm.weight)
        nn.init.zeros_(self.to_out.weight)
        nn.init.zeros_(self.to_out.bias)

    def forward(
        self,
        hidden_states: Float[Tensor, "batch tokens dim"],
        camera: Float[Tensor, "batch frames places 2 4 4"],
        rotary: tuple[Tensor, Tensor],
    ) -> Float[Tensor, "batch tokens dim"]:
        """Return what is added to the tokens; ``rotary`` are positions for ``rotary_dim`` numbers."""
        frames, places = camera.shape[1:3]
        # The tokens of a frame follow each other; all have one matrix, or each its own.
        shape = (frames, hidden_states.shape[1] // frames // places, places)
        query, key, value = (
            linear(hidden_states).unflatten(2, (self.heads, -1))
            for linear in (self.to_q, self.to_k, self.to_v)
        )
        query, key = (
            nn.functional.rms_norm(x, x.shape[-1:], norm.weight.to(x.dtype), norm.eps)
            for x, norm in ((query, self.norm_q), (key, self.norm_k))
        )
        camera, inverse = camera.unbind(3)
        query = self._related(_turned(query, rotary), camera.transpose(-1, -2), shape)
        key = self._related(_turned(key, rotary), inverse, shape)
        value = self._related(value, inverse, shape)
        query, key, value = (x.transpose(1, 2) for x in (query, key, value))
        attended = nn.functional.scaled_dot_product_attention(query, key, value).transpose(1, 2)
        found: Tensor = self.to_out(self._related(attended, camera, shape).flatten(2))
        return found

    def _related(
        self, heads: Float[Tensor, "batch tokens heads head_dim"], matrices: Tensor, shape: tuple[int, ...]
    ) -> Float[Tensor, "batch tokens heads head_dim"]:
        """The first numbers of each head, four at a time, multiplied with the matrix of the token."""
        first, rest = heads.tensor_split([heads.shape[3] - self.rotary_dim], dim=3)
        by_place = first.unflatten(1, shape).unflatten(-1, (-1, MATRIX_ROWS))
        # Autocast would round positions to three digits.
        with torch.autocast(heads.device.type, enabled=False):
            product = torch.einsum("bfpij,bfnphcj->bfnphci", matrices, by_place.float())
        return torch.cat([product.flatten(-2).flatten(1, 3).to(rest.dtype), rest], dim=3)


def rotary_dim(head_dim: int) -> int:
    """How many of the numbers of a head have rotary positions in ``RelativeAttention``: about half."""
    return head_dim - head_dim // 2 // MATRIX_ROWS * MATRIX_ROWS


def _turned(
    heads: Float[Tensor, "batch tokens heads head_dim"], rotary: tuple[Tensor, Tensor]
) -> Float[Tensor, "batch tokens heads head_dim"]:
    """The last numbers of each head, turned in pairs by the angles of their positions."""
    cos, sin = (part[..., ::2].to(heads.dtype) for part in rotary)
    rest, turned = heads.tensor_split([heads.shape[3] - 2 * cos.shape[3]], dim=3)
    even, odd = turned.unflatten(3, (-1, 2)).unbind(4)
    pairs = torch.stack([even * cos - odd * sin, even * sin + odd * cos], dim=4)
    return torch.cat([rest, pairs.flatten(3)], dim=3)


def _image_from_source(
    poses: Float[Tensor, "batch frames 3 4"], intrinsics: Float[Tensor, "batch frames 4"]
) -> Float[Tensor, "batch frames 4 4"]:
    """From the source's axes to the image: (x z, y z, z) of fractions from the image's centre, and 1."""
    rotation, position = poses[..., :3].transpose(2, 3), poses[..., 3:]
    target_from_source = torch.cat([rotation, -rotation @ position], dim=3)
    fx, fy, cx, cy = intrinsics.unbind(2)
    zero, one = torch.zeros_like(fx), torch.ones_like(fx)
    rows = [fx, zero, cx - 0.5, zero, fy, cy - 0.5, zero, zero, one]
    projected = torch.stack(rows, dim=2).unflatten(2, (3, 3)) @ target_from_source
    return _with_last_row(projected)


def _ray_directions(
    poses: Float[Tensor, "batch frames 3 4"],
    intrinsics: Float[Tensor, "batch frames 4"],
    grid: tuple[int, int],
) -> Float[Tensor, "batch frames tokens 3"]:
    """Directions, of length 1 in the source's axes, of the rays through the centres of tokens."""
    rows, columns = grid
    y = (torch.arange(rows, device=poses.device) + 0.5) / rows
    x = (torch.arange(columns, device=poses.device) + 0.5) / columns
    across, down = (part.flatten() for part in torch.meshgrid(x, y, indexing="xy"))
    focal, centre = intrinsics[:, :, None, :2], intrinsics[:, :, None, 2:]
    seen = (torch.stack([across, down], dim=1) - centre) / focal
    seen = torch.cat([seen, torch.ones_like(seen[..., :1])], dim=3)
    return nn.functional.normalize(seen @ poses[..., :3].transpose(2, 3), dim=3)


def _ray_from_source(
    down: Float[Tensor, "batch frames 3"],
    directions: Float[Tensor, "batch frames tokens 3"],
    position: Float[Tensor, "batch frames tokens 3"],
) -> Float[Tensor, "batch frames tokens 4 4"]:
    """From the source's axes to those of rays: z along the ray, x to the right of the camera's ``down``."""
    down = down[:, :, None].expand_as(directions)
    right = nn.functional.normalize(torch.linalg.cross(down, directions), dim=3)
    rotation = torch.stack([right, torch.linalg.cross(directions, right), directions], dim=3)
    return _with_last_row(torch.cat([rotation, -rotation @ position[..., None]], dim=4))


def _with_inverse(matrices: Float[Tensor, "*batch 4 4"]) -> Float[Tensor, "*batch 2 4 4"]:
    return torch.stack([matrices, torch.linalg.inv(matrices)], dim=-3)


def _with_last_row(matrices: Float[Tensor, "*batch 3 4"]) -> Float[Tensor, "*batch 4 4"]:
    last = matrices.new_tensor([0.0, 0.0, 0.0, 1.0]).expand(*matrices.shape[:-2], 1, 4)
    return torch.cat([matrices, last], dim=-2)
