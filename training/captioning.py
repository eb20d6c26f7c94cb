"""The command ``caption``: a vision-language model describes the clips of a finished data set.

Captions are stored beside the data set, one folder for each model and prompt; see ``shards.CaptionWriter``.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import UInt8
from PIL import Image
from transformers import AutoModelForImageTextToText, AutoProcessor

from multitake.errors import InputError
from multitake.input_files import parsing
from multitake.progress import ProgressLine
from shards import CaptionRun, CaptionWriter, Dataset, Take, checked_name, chosen_takes, open_dataset

from .device import named_device
from .encoders import CHECKED, quiet_libraries, require_all_weights

PROMPT = "Describe the people, what they do, the place and the light of this video in two sentences."
_BLOCK = 2**24
_OUT_OF_MEMORY = (MemoryError, torch.OutOfMemoryError)


@dataclass(frozen=True, kw_only=True)
class CaptionReport:
    """The result of a run: where captions are, how many it wrote, and how many were there."""

    folder: Path
    written: int
    kept: int

    def lines(self) -> Iterator[str]:
        """The report as text."""
        yield f"{self.folder}: captions written: {self.written}, already there: {self.kept}"


def caption_dataset(
    dataset: str,
    *,
    model: str,
    progress: ProgressLine,
    name: str | None = None,
    revision: str | None = None,
    takes: str | None = None,
    cameras: Sequence[str] = (),
    frames: int = 8,
    prompt: str = PROMPT,
    most_tokens: int = 128,
    out: Path | None = None,
    device: str = "auto",
) -> CaptionReport:
    """Caption the clips of a data set that have no caption of this name yet.

    Captions are greedy, so equal models, prompts and frames give equal captions on one kind of device.

    Args:
        dataset: a folder, or an address; the latter needs ``out``.
        model: a folder with a model of transformers that maps images and text to text, or its name on the
            Hugging Face hub.
        name: of the captions; default: the last part of ``model``.
        revision: of a model by name.
        takes: which takes, see ``shards.chosen_takes``; default: all that are sealed.
        cameras: names of cameras; default: the first of each take.
        frames: how many frames the model sees, at equal distances; all if a clip has fewer.
        prompt: what the model is asked.
        most_tokens: the length at which captions are cut.
        out: folder of the captions; default: ``DATASET/captions/NAME``.

    InputError for a data set, take, camera or model that cannot be used, or a folder that has captions of
    another model, prompt or data set.
    """
    _check_numbers(frames, most_tokens, prompt)
    source = open_dataset(dataset)
    clips = _chosen(source, takes, cameras)
    folder = _folder(dataset, checked_name(Path(model).name if name is None else name), out)
    on_device = named_device(device)
    model_folder, commit = _located(model, revision)
    run = CaptionRun(
        model=Path(model).name if Path(model).is_dir() else model,
        revision=commit,
        prompt=prompt,
        # Clips show no more than all of their frames.
        frames=min(frames, max((take.row.frames for take, _ in clips), default=frames)),
        most_tokens=most_tokens,
        dataset_sha256=hashlib.sha256(source.files.content("dataset.json")).hexdigest(),
    )
    with CaptionWriter.opened(folder, run) as writer:
        missing = _without_captions(writer, clips)
        if missing:
            _write(writer, missing, Captioner.load(model_folder, on_device), progress)
    return CaptionReport(folder=folder, written=len(missing), kept=len(clips) - len(missing))


@dataclass(frozen=True, kw_only=True)
class Captioner:
    """A vision-language model and its processor, on one device."""

    model: Any
    processor: Any

    @classmethod
    def load(cls, folder: Path, device: torch.device) -> "Captioner":
        """Load a folder with weights in safetensors; InputError if it is no such model, or is damaged.

        Code in the folder is not run. Arithmetic is float32 on a CPU, else bfloat16.
        """
        dtype = torch.float32 if device.type == "cpu" else torch.bfloat16
        fix = "give a model for images and text to text, with a processor that needs no torchvision"
        with (
            parsing("cannot be loaded", where=f"--model {folder}", fix=fix, but=_OUT_OF_MEMORY),
            quiet_libraries(),
        ):
            processor = AutoProcessor.from_pretrained(folder, trust_remote_code=False)
            model, found = AutoModelForImageTextToText.from_pretrained(
                folder, dtype=dtype, trust_remote_code=False, **CHECKED
            )
            require_all_weights("model", model, found)
        return cls(model=model.to(device).requires_grad_(False).eval(), processor=processor)

    @torch.no_grad()
    def caption(self, images: UInt8[np.ndarray, "frames height width 3"], prompt: str, tokens: int) -> str:
        """The greedy answer to the prompt about some frames, as one line."""
        inputs = self._inputs([Image.fromarray(image) for image in images], prompt)
        inputs = inputs.to(self.model.device)
        for key, value in inputs.items():
            if torch.is_floating_point(value):
                inputs[key] = value.to(self.model.dtype)
        with quiet_libraries():
            found = self.model.generate(**inputs, do_sample=False, num_beams=1, max_new_tokens=tokens)
        asked = inputs["input_ids"]
        # Decoders repeat the prompt, encoder-decoders do not.
        is_repeated = found.shape[1] >= asked.shape[1] and bool((found[:, : asked.shape[1]] == asked).all())
        answer = found[:, asked.shape[1] :] if is_repeated else found
        text = " ".join(self.processor.batch_decode(answer, skip_special_tokens=True)[0].split())
        return "".join(letter for letter in text if letter.isprintable())

    def _inputs(self, images: Sequence[Image.Image], prompt: str) -> Any:
        """The tensors of a question, by the chat template of the model if it has one."""
        if not getattr(self.processor, "chat_template", None):
            return self.processor(images=list(images), text=prompt, return_tensors="pt")
        content = [*({"type": "image", "image": image} for image in images), {"type": "text", "text": prompt}]
        return self.processor.apply_chat_template(
            [{"role": "user", "content": content}],
            add_generation_prompt=True,
            tokenize=True,
            return_dict=True,
            return_tensors="pt",
        )


def _write(
    writer: CaptionWriter,
    missing: Sequence[tuple[Take, str]],
    captioner: Captioner,
    progress: ProgressLine,
) -> None:
    """Caption clips, and finish each shard after its last clip."""
    run = writer.run
    for number, (take, camera) in enumerate(missing):
        progress.show(f"captions: {take.key} {camera}", done=number, total=len(missing))
        clip = take.clip(camera)
        shown = np.unique(np.linspace(0, take.row.frames - 1, run.frames).round().astype(int))
        caption = captioner.caption(clip.frames()[shown], run.prompt, run.most_tokens)
        writer.add(take.shard, take.key, camera, caption)
        if number + 1 == len(missing) or missing[number + 1][0].shard != take.shard:
            writer.finish(take.shard)


def _without_captions(writer: CaptionWriter, clips: Sequence[tuple[Take, str]]) -> list[tuple[Take, str]]:
    """The clips that have no caption yet; shards of an interrupted run that lack none are finished."""
    done = {shard: writer.captions(shard) for shard in dict.fromkeys(take.shard for take, _ in clips)}
    missing = [(take, camera) for take, camera in clips if (take.key, camera) not in done[take.shard]]
    for shard in done.keys() - {take.shard for take, _ in missing}:
        writer.finish(shard)
    return missing


def _chosen(source: Dataset, takes: str | None, cameras: Sequence[str]) -> list[tuple[Take, str]]:
    """The clips to caption, in order of shards; InputError for an unknown take or camera."""
    keys = source.keys if takes is None else chosen_takes(takes, source.keys)
    wanted = [source.take(key) for key in keys]
    chosen = [(take, camera) for take in wanted for camera in dict.fromkeys(cameras or take.cameras[:1])]
    for take, camera in chosen:
        take.clip(camera)
    return chosen


def _folder(dataset: str, name: str, out: Path | None) -> Path:
    if out is None and "://" in dataset:
        fix = "give --out, a folder for the captions"
        raise InputError("captions are written to folders only", where=dataset, fix=fix)
    captions = Path(dataset) / "captions"
    if out is None:
        return captions / name
    inside = [out.resolve(), *out.resolve().parents]
    if Path(dataset).resolve() in inside and captions.resolve() not in inside[1:]:
        fix = f"give a folder in {captions}, or outside of the data set"
        raise InputError("is a folder of the data set itself", where=f"--out {out}", fix=fix)
    return out


def _located(model: str, revision: str | None) -> tuple[Path, str]:
    """The folder of a model, and its commit or the hash of its files."""
    folder = Path(model)
    if folder.is_dir():
        if revision is not None:
            raise InputError("a folder has no revision", where="--revision", fix="remove it")
        return folder, _sha256(folder)
    from huggingface_hub import snapshot_download

    fix = "give a folder, or the name of a model that can be downloaded"
    with parsing("no such model", where=f"--model {model}", fix=fix), quiet_libraries():
        folder = Path(snapshot_download(model, revision=revision))
    # Snapshots are in folders with the names of their commits.
    return folder, folder.name


def _sha256(folder: Path) -> str:
    """Hash of the names and the content of all files of a model."""
    digest = hashlib.sha256()
    with parsing("cannot be read", where=f"--model {folder}", fix="give the folder of a model"):
        for path in sorted(path for path in folder.iterdir() if path.is_file()):
            digest.update(f"{path.name} {path.stat().st_size}\n".encode())
            with path.open("rb") as file:
                while block := file.read(_BLOCK):
                    digest.update(block)
    return f"sha256:{digest.hexdigest()}"


def _check_numbers(frames: int, most_tokens: int, prompt: str) -> None:
    for name, number in (("--frames", frames), ("--max-tokens", most_tokens)):
        if number < 1:
            raise InputError(f"must be at least 1, got {number}", where=name, fix="correct the value")
    if not prompt.strip():
        raise InputError("is empty", where="--prompt", fix="write what the model is asked")
