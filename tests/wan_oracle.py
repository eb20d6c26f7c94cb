"""Wan2.1 with a camera and a source, written a second time from its equations, with plain torch in float64.

Weights are looked up by name; nothing of the model's code is used.
"""

import math
from collections.abc import Mapping

import torch
from torch import Tensor


class Oracle:
    """The velocity of a model with given weights, of ``heads`` heads and blocks 0, 1, ..."""

    def __init__(self, weights: Mapping[str, Tensor], *, heads: int, blocks: int, eps: float = 1e-6) -> None:
        self._weights = {name: weight.double() for name, weight in weights.items()}
        self._heads, self._blocks, self._eps = heads, blocks, eps

    def velocity(
        self,
        noisy: Tensor,
        source: Tensor,
        timestep: Tensor,
        camera: Tensor,
        intrinsics: Tensor,
        text: Tensor,
        *,
        conditioning: str,
        projector_init: str,
        source_rope: str,
        token_order: str,
        camera_encoding: str,
        camera_tokens: str,
    ) -> Tensor:
        """One sample at a time: all arguments are without the batch axis."""
        noisy, source = noisy.double(), source.double()
        frames = noisy.shape[1]
        self._shape = frames, noisy.shape[2] // 2, noisy.shape[3] // 2
        self._encoding = camera_encoding
        still = torch.eye(3, 4).flatten().expand_as(camera) if camera_tokens == "target" else camera
        self._known = {
            name: self._known_to_tokens(poses.double(), intrinsics.double())
            for name, poses in (("target", camera), ("source", still))
        }
        order = ["target", "source"] if token_order == "target_first" else ["source", "target"]
        views = {"frame": [order], "view": [["target"], ["source"]], "channel": [["target"]]}
        sequences = views[conditioning]
        is_longer = conditioning == "frame" and source_rope == "extend"
        self._first = {name: place * frames if is_longer else 0 for place, name in enumerate(order)}
        self._seen = {"target": True, "source": camera_tokens == "both"}
        self._is_residual = projector_init == "zero"
        tokens = {"target": self._patches(noisy), "source": self._patches(source)}
        if conditioning == "channel":
            tokens["target"] += self._rows(source) @ self._weights["source_embedding.weight"].flatten(1).T
        time, modulation = self._time(timestep.double())
        words = self._mlp(text.double(), "condition_embedder.text_embedder", _gelu)
        for number in range(self._blocks):
            name = f"blocks.{number}"
            changes = self._weights[f"{name}.scale_shift_table"][0] + modulation
            for names in sequences:
                tokens |= self._self_attention(names, tokens, name, changes[:3])
            if conditioning == "view":
                tokens = self._across_views(tokens, name)
            tokens = {view: self._words_and_feed(x, name, words, changes[3:]) for view, x in tokens.items()}
        shift, scale = self._weights["scale_shift_table"][0] + time
        return self._unpatched(self._linear(self._normed(tokens["target"]) * (1 + scale) + shift, "proj_out"))

    def _self_attention(
        self, names: list[str], tokens: dict[str, Tensor], block: str, changes: Tensor
    ) -> dict[str, Tensor]:
        """The tokens of a sequence of some views, after self-attention with the camera."""
        shift, scale, gate = changes
        frames = self._shape[0]
        parts = {name: self._normed(tokens[name]) * (1 + scale) + shift for name in names}
        is_added = self._encoding in ("poses", "poses_and_intrinsics", "pluecker")
        for name in names if is_added else []:
            if self._seen[name]:
                parts[name] = parts[name] + self._linear(
                    torch.stack(self._known[name]), f"{block}.cam_encoder"
                )
        joined = torch.cat(list(parts.values()))
        angles = torch.cat([self._angles(frames, self._first[name]) for name in names])
        attended = self._attention(joined, joined, f"{block}.attn1", angles)
        projected = self._linear(attended, f"{block}.projector")
        attended = attended + projected if self._is_residual else projected
        if not is_added:
            matrices = torch.stack([matrix for name in names for matrix in self._known[name]])
            attended = attended + self._related(joined, matrices, names, f"{block}.cam_attn")
        return {
            name: tokens[name] + part * gate
            for name, part in zip(names, attended.chunk(len(names)), strict=True)
        }

    def _known_to_tokens(self, poses: Tensor, intrinsics: Tensor) -> list[Tensor]:
        """Numbers or a matrix for each token of a view."""
        frames, rows, columns = self._shape
        found = []
        for frame in range(frames):
            pose, (fx, fy, cx, cy) = poses[frame].reshape(3, 4), intrinsics[frame].tolist()
            rotation, position = pose[:, :3], pose[:, 3]
            for row in range(rows):
                for column in range(columns):
                    y, x = (row + 0.5) / rows, (column + 0.5) / columns
                    ray = rotation @ torch.tensor([(x - cx) / fx, (y - cy) / fy, 1.0], dtype=torch.float64)
                    ray = ray / ray.norm()
                    if self._encoding == "poses":
                        found.append(poses[frame])
                    elif self._encoding == "poses_and_intrinsics":
                        found.append(torch.cat([poses[frame], intrinsics[frame]]))
                    elif self._encoding == "pluecker":
                        found.append(torch.cat([ray, torch.linalg.cross(position, ray)]))
                    elif self._encoding == "prope":
                        lens = torch.eye(4, dtype=torch.float64)
                        lens[0, 0], lens[1, 1], lens[0, 2], lens[1, 2] = fx, fy, cx - 0.5, cy - 0.5
                        found.append(lens @ _inverted(rotation, position))
                    else:
                        right = torch.linalg.cross(rotation[:, 1], ray)
                        right = right / right.norm()
                        axes = torch.stack([right, torch.linalg.cross(ray, right), ray], dim=1)
                        found.append(_inverted(axes, position))
        return found

    def _related(self, x: Tensor, matrices: Tensor, names: list[str], name: str) -> Tensor:
        """Attention whose scores and values relate the matrices of two tokens, pair by pair."""
        head = self._weights[f"{name}.norm_q.weight"].shape[0]
        quads = head // 2 // 4
        angles = torch.cat(
            [self._angles(self._shape[0], self._first[view], head - 4 * quads) for view in names]
        )
        relation = torch.einsum("iab,jbc->ijac", matrices, torch.linalg.inv(matrices))
        outputs = []
        parts = (self._linear(x, f"{name}.to_{part}").split(head, dim=1) for part in "qkv")
        for q, k, v in zip(*parts, strict=True):
            q, k = self._rms(q, f"{name}.norm_q"), self._rms(k, f"{name}.norm_k")
            scores = _turned(q[:, 4 * quads :], angles) @ _turned(k[:, 4 * quads :], angles).T
            for quad in range(quads):
                at = slice(4 * quad, 4 * quad + 4)
                scores = scores + torch.einsum("ia,ijab,jb->ij", q[:, at], relation, k[:, at])
            weights = (scores / math.sqrt(head)).softmax(dim=1)
            values = [
                torch.einsum("ij,ijab,jb->ia", weights, relation, v[:, 4 * quad : 4 * quad + 4])
                for quad in range(quads)
            ]
            outputs.append(torch.cat([*values, weights @ v[:, 4 * quads :]], dim=1))
        return self._linear(torch.cat(outputs, dim=1), f"{name}.to_out")

    def _words_and_feed(self, x: Tensor, block: str, words: Tensor, changes: Tensor) -> Tensor:
        """The tokens after attention to the text, and after the feed-forward layers."""
        shift, scale, gate = changes
        x = x + self._attention(self._affine(x, f"{block}.norm2"), words, f"{block}.attn2", None)
        hidden = self._linear(self._normed(x) * (1 + scale) + shift, f"{block}.ffn.net.0.proj")
        return x + self._linear(_gelu(hidden), f"{block}.ffn.net.2") * gate

    def _unpatched(self, tokens: Tensor) -> Tensor:
        """Latents of tokens, each of which has its patch as rows, columns, channels."""
        frames, rows, columns = self._shape
        latents = torch.zeros(tokens.shape[1] // 4, frames, 2 * rows, 2 * columns, dtype=torch.float64)
        for token, values in enumerate(tokens.unflatten(1, (2, 2, -1))):
            frame, place = divmod(token, rows * columns)
            y, x = divmod(place, columns)
            latents[:, frame, 2 * y : 2 * y + 2, 2 * x : 2 * x + 2] = values.permute(2, 0, 1)
        return latents

    def _rows(self, latents: Tensor) -> Tensor:
        """The patches of latents: frames, rows and columns in this order; channels, rows, columns of each."""
        _, frames, height, width = latents.shape
        return torch.stack(
            [
                latents[:, frame, y : y + 2, x : x + 2].flatten()
                for frame in range(frames)
                for y in range(0, height, 2)
                for x in range(0, width, 2)
            ]
        )

    def _patches(self, latents: Tensor) -> Tensor:
        kernel = self._weights["patch_embedding.weight"].flatten(1)
        return self._rows(latents) @ kernel.T + self._weights["patch_embedding.bias"]

    def _across_views(self, tokens: dict[str, Tensor], block: str) -> dict[str, Tensor]:
        frames, rows, columns = self._shape
        size, angles = rows * columns, self._angles(1, 0).repeat(2, 1)
        changed = {name: x.clone() for name, x in tokens.items()}
        for frame in range(frames):
            part = slice(frame * size, (frame + 1) * size)
            both = torch.cat([tokens["target"][part], tokens["source"][part]])
            normed = self._affine(both, f"{block}.norm_view")
            attended = self._attention(normed, normed, f"{block}.view_attn", angles)
            changed["target"][part] += attended[:size]
            changed["source"][part] += attended[size:]
        return changed

    def _angles(self, frames: int, first: int, head: int | None = None) -> Tensor:
        """The angle by which each pair of numbers of a head is turned, for each token."""
        _, rows, columns = self._shape
        head = head or self._weights["blocks.0.attn1.to_q.weight"].shape[0] // self._heads
        side = 2 * (head // 6)
        sizes = head - 2 * side, side, side
        places = [(first + f, y, x) for f in range(frames) for y in range(rows) for x in range(columns)]
        angles = [
            [
                place * 10000 ** (-2 * pair / size)
                for place, size in zip(at, sizes, strict=True)
                for pair in range(size // 2)
            ]
            for at in places
        ]
        return torch.tensor(angles, dtype=torch.float64)

    def _attention(self, queries: Tensor, keys: Tensor, name: str, angles: Tensor | None) -> Tensor:
        q = self._rms(self._linear(queries, f"{name}.to_q"), f"{name}.norm_q")
        k = self._rms(self._linear(keys, f"{name}.to_k"), f"{name}.norm_k")
        v = self._linear(keys, f"{name}.to_v")
        outputs = []
        for q_, k_, v_ in zip(*(x.chunk(self._heads, dim=1) for x in (q, k, v)), strict=True):
            if angles is not None:
                q_, k_ = _turned(q_, angles), _turned(k_, angles)
            scores = q_ @ k_.T / math.sqrt(q_.shape[1])
            outputs.append(scores.softmax(dim=1) @ v_)
        return self._linear(torch.cat(outputs, dim=1), f"{name}.to_out.0")

    def _time(self, timestep: Tensor) -> tuple[Tensor, Tensor]:
        size = self._weights["condition_embedder.time_embedder.linear_1.weight"].shape[1] // 2
        angles = timestep * torch.exp(-math.log(10000) * torch.arange(size, dtype=torch.float64) / size)
        waves = torch.cat([angles.cos(), angles.sin()])
        time = self._mlp(waves, "condition_embedder.time_embedder", _silu)
        return time, self._linear(_silu(time), "condition_embedder.time_proj").unflatten(0, (6, -1))

    def _mlp(self, x: Tensor, name: str, activation) -> Tensor:
        return self._linear(activation(self._linear(x, f"{name}.linear_1")), f"{name}.linear_2")

    def _linear(self, x: Tensor, name: str) -> Tensor:
        return x @ self._weights[f"{name}.weight"].T + self._weights[f"{name}.bias"]

    def _normed(self, x: Tensor) -> Tensor:
        centred = x - x.mean(dim=1, keepdim=True)
        return centred / (centred.square().mean(dim=1, keepdim=True) + self._eps).sqrt()

    def _affine(self, x: Tensor, name: str) -> Tensor:
        return self._normed(x) * self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"]

    def _rms(self, x: Tensor, name: str) -> Tensor:
        return x / (x.square().mean(dim=1, keepdim=True) + self._eps).sqrt() * self._weights[f"{name}.weight"]


def _inverted(rotation: Tensor, position: Tensor) -> Tensor:
    """The 4x4 inverse of a pose."""
    pose = torch.eye(4, dtype=torch.float64)
    pose[:3, :3], pose[:3, 3] = rotation, position
    return torch.linalg.inv(pose)


def _turned(x: Tensor, angles: Tensor) -> Tensor:
    even, odd = x[:, 0::2], x[:, 1::2]
    turned = torch.empty_like(x)
    turned[:, 0::2] = even * angles.cos() - odd * angles.sin()
    turned[:, 1::2] = even * angles.sin() + odd * angles.cos()
    return turned


def _silu(x: Tensor) -> Tensor:
    return x / (1 + torch.exp(-x))


def _gelu(x: Tensor) -> Tensor:
    return 0.5 * x * (1 + torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))
