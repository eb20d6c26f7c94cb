"""Images as the files that UnrealCV sends: BMP, PNG and NPY."""

import io
import struct

import numpy as np
from jaxtyping import Float32, UInt8
from PIL import Image


def bmp(image: UInt8[np.ndarray, "height width 4"]) -> bytes:
    """Encode a BGRA image as an uncompressed 32-bit BMP: 54 bytes of header, then rows from the top."""
    height, width = image.shape[:2]
    size = width * height * 4
    file_header = struct.pack("<2sIHHI", b"BM", 54 + size, 0, 0, 54)
    info_header = struct.pack("<IiiHHIIiiII", 40, width, -height, 1, 32, 0, size, 0, 0, 0, 0)
    return file_header + info_header + image.tobytes()


def png(image: UInt8[np.ndarray, "height width 4"]) -> bytes:
    """Encode a BGRA image as an RGBA PNG."""
    stream = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(image[..., [2, 1, 0, 3]])).save(stream, "PNG", compress_level=1)
    return stream.getvalue()


def npy(depth: Float32[np.ndarray, "height width"]) -> bytes:
    """Encode a float32 image as a version 1 NPY file."""
    stream = io.BytesIO()
    np.save(stream, depth, allow_pickle=False)
    return stream.getvalue()
