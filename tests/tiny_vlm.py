"""A vision-language model with random weights: LLaVA of two layers, saved as transformers does."""

from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import (
    CLIPImageProcessorPil,
    CLIPVisionConfig,
    LlamaConfig,
    LlavaConfig,
    LlavaForConditionalGeneration,
    LlavaProcessor,
    PreTrainedTokenizerFast,
)

from training.encoders import quiet_libraries

_IMAGE = "<image>"
_TEMPLATE = (
    "{% for message in messages %}{% for part in message['content'] %}"
    "{% if part['type'] == 'image' %}<image>{% else %}{{ part['text'] }}{% endif %}"
    "{% endfor %}{% endfor %}{% if add_generation_prompt %} Answer: {% endif %}"
)


def write_tiny_vlm(folder: Path, *, seed: int) -> Path:
    """Write model, tokenizer (letters are tokens) and image processor to a folder."""
    letters = ["<pad>", "</s>", "<unk>", _IMAGE, *sorted(pre_tokenizers.ByteLevel.alphabet())]
    vocabulary = {letter: index for index, letter in enumerate(letters)}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[], unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    special = {"pad_token": "<pad>", "eos_token": "</s>", "unk_token": "<unk>"}
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, additional_special_tokens=[_IMAGE], **special)
    vision = {"num_hidden_layers": 2, "num_attention_heads": 2, "hidden_size": 16, "intermediate_size": 32}
    text = {"num_hidden_layers": 2, "num_attention_heads": 4, "hidden_size": 32, "intermediate_size": 64}
    ids = {"pad_token_id": vocabulary["<pad>"], "eos_token_id": vocabulary["</s>"], "bos_token_id": None}
    config = LlavaConfig(
        vision_config=CLIPVisionConfig(image_size=28, patch_size=14, projection_dim=16, **vision),
        text_config=LlamaConfig(vocab_size=len(fast), max_position_embeddings=1024, **text, **ids),
        image_token_index=vocabulary[_IMAGE],
        vision_feature_layer=-1,
    )
    side = {"height": 28, "width": 28}
    processor = LlavaProcessor(
        image_processor=CLIPImageProcessorPil(size={"shortest_edge": 28}, crop_size=side),
        tokenizer=fast,
        patch_size=14,
        vision_feature_select_strategy="default",
        image_token=_IMAGE,
        num_additional_image_tokens=1,
        chat_template=_TEMPLATE,
    )
    with torch.random.fork_rng(devices=[]), quiet_libraries():
        torch.manual_seed(seed)
        model = LlavaForConditionalGeneration(config)
        # Larger weights, so that different images have different captions.
        for weight in model.parameters():
            weight.data *= 8 if weight.ndim > 1 else 1
        model.save_pretrained(folder)
        processor.save_pretrained(folder)
    return folder
