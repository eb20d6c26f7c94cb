"""The parts of glTF 2.0 that are read, with its spelling; other keys are ignored."""

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

_LENIENT = ConfigDict(extra="ignore")
Index = Annotated[int, Field(ge=0, lt=2**31)]
Finite = Annotated[float, Field(allow_inf_nan=False)]
Vector3 = tuple[Finite, Finite, Finite]
Vector4 = tuple[Finite, Finite, Finite, Finite]
Matrix = Annotated[tuple[Finite, ...], Field(min_length=16, max_length=16)]
Extensions = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Buffer:
    """Bytes; without ``uri`` those of the GLB file."""

    __pydantic_config__ = _LENIENT
    byteLength: Index
    uri: str | None = None


@dataclass(frozen=True, kw_only=True)
class BufferView:
    """A range of a buffer."""

    __pydantic_config__ = _LENIENT
    buffer: Index
    byteLength: Index
    byteOffset: Index = 0
    byteStride: Annotated[int, Field(ge=4, le=252)] | None = None


@dataclass(frozen=True, kw_only=True)
class SparseIndices:
    """Which elements of a sparse accessor differ."""

    __pydantic_config__ = _LENIENT
    bufferView: Index
    componentType: Index
    byteOffset: Index = 0


@dataclass(frozen=True, kw_only=True)
class SparseValues:
    """The elements that differ."""

    __pydantic_config__ = _LENIENT
    bufferView: Index
    byteOffset: Index = 0


@dataclass(frozen=True, kw_only=True)
class Sparse:
    """Elements that differ from those of the accessor's view."""

    __pydantic_config__ = _LENIENT
    count: Index
    indices: SparseIndices
    values: SparseValues


@dataclass(frozen=True, kw_only=True)
class Accessor:
    """An array in a buffer view."""

    __pydantic_config__ = _LENIENT
    componentType: Literal[5120, 5121, 5122, 5123, 5125, 5126]
    count: Index
    type: Literal["SCALAR", "VEC2", "VEC3", "VEC4", "MAT2", "MAT3", "MAT4"]
    bufferView: Index | None = None
    byteOffset: Index = 0
    normalized: bool = False
    sparse: Sparse | None = None


@dataclass(frozen=True, kw_only=True)
class Primitive:
    """Triangles, or other shapes, of one material."""

    __pydantic_config__ = _LENIENT
    attributes: dict[str, Index]
    indices: Index | None = None
    material: Index | None = None
    mode: Index = 4
    extensions: Extensions = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Mesh:
    """Primitives."""

    __pydantic_config__ = _LENIENT
    primitives: tuple[Primitive, ...]


@dataclass(frozen=True, kw_only=True)
class Node:
    """A transform, with what hangs on it."""

    __pydantic_config__ = _LENIENT
    name: str = ""
    children: tuple[Index, ...] = ()
    mesh: Index | None = None
    skin: Index | None = None
    matrix: Matrix | None = None
    translation: Vector3 = (0.0, 0.0, 0.0)
    rotation: Vector4 = (0.0, 0.0, 0.0, 1.0)
    scale: Vector3 = (1.0, 1.0, 1.0)


@dataclass(frozen=True, kw_only=True)
class Scene:
    """The roots of what is shown."""

    __pydantic_config__ = _LENIENT
    nodes: tuple[Index, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Skin:
    """Joints, and their inverse transforms where the mesh was made."""

    __pydantic_config__ = _LENIENT
    joints: Annotated[tuple[Index, ...], Field(min_length=1)]
    inverseBindMatrices: Index | None = None


@dataclass(frozen=True, kw_only=True)
class TextureInfo:
    """A texture in a material."""

    __pydantic_config__ = _LENIENT
    index: Index
    texCoord: Index = 0
    extensions: Extensions = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Roughness:
    """How a material reflects: colour, metalness and roughness."""

    __pydantic_config__ = _LENIENT
    baseColorFactor: Vector4 = (1.0, 1.0, 1.0, 1.0)
    baseColorTexture: TextureInfo | None = None
    roughnessFactor: Finite = 1.0
    metallicFactor: Finite = 1.0
    metallicRoughnessTexture: TextureInfo | None = None


@dataclass(frozen=True, kw_only=True)
class Material:
    """How a surface looks."""

    __pydantic_config__ = _LENIENT
    pbrMetallicRoughness: Roughness = Roughness()
    normalTexture: TextureInfo | None = None
    emissiveFactor: Vector3 = (0.0, 0.0, 0.0)
    emissiveTexture: TextureInfo | None = None
    alphaMode: Literal["OPAQUE", "MASK", "BLEND"] = "OPAQUE"
    alphaCutoff: Finite = 0.5
    doubleSided: bool = False


@dataclass(frozen=True, kw_only=True)
class Texture:
    """An image, possibly in a format of an extension."""

    __pydantic_config__ = _LENIENT
    source: Index | None = None
    extensions: Extensions = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Image:
    """An image file, or one in a buffer view."""

    __pydantic_config__ = _LENIENT
    name: str = ""
    uri: str | None = None
    bufferView: Index | None = None


@dataclass(frozen=True, kw_only=True)
class Sampler:
    """Keys of a channel: accessors of times and values."""

    __pydantic_config__ = _LENIENT
    input: Index
    output: Index
    interpolation: Literal["LINEAR", "STEP", "CUBICSPLINE"] = "LINEAR"


@dataclass(frozen=True, kw_only=True)
class Target:
    """What a channel changes."""

    __pydantic_config__ = _LENIENT
    path: str
    node: Index | None = None


@dataclass(frozen=True, kw_only=True)
class Channel:
    """A sampler and its target."""

    __pydantic_config__ = _LENIENT
    sampler: Index
    target: Target


@dataclass(frozen=True, kw_only=True)
class Animation:
    """A clip."""

    __pydantic_config__ = _LENIENT
    channels: tuple[Channel, ...] = ()
    samplers: tuple[Sampler, ...] = ()
    name: str = ""


@dataclass(frozen=True, kw_only=True)
class Version:
    """The version of the format."""

    __pydantic_config__ = _LENIENT
    version: str


@dataclass(frozen=True, kw_only=True)
class Gltf:
    """A file."""

    __pydantic_config__ = _LENIENT
    asset: Version
    scene: Index = 0
    scenes: tuple[Scene, ...] = ()
    nodes: tuple[Node, ...] = ()
    meshes: tuple[Mesh, ...] = ()
    materials: tuple[Material, ...] = ()
    textures: tuple[Texture, ...] = ()
    images: tuple[Image, ...] = ()
    skins: tuple[Skin, ...] = ()
    animations: tuple[Animation, ...] = ()
    accessors: tuple[Accessor, ...] = ()
    bufferViews: tuple[BufferView, ...] = ()
    buffers: tuple[Buffer, ...] = ()
    extensionsRequired: tuple[str, ...] = ()
