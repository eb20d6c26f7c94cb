"""The GLSL of the look ``lit``. Fragment shaders have no branches and no loops.

One draw writes several planes: the lit image, and the labels ``ids``, ``depth`` and ``normal``. A 32-bit
number is written as the four bytes of a pixel, in the order in which Panda returns them (BGRA).
"""

import struct
from typing import Literal

from panda3d.core import Shader

from ..content.environment import MOST_LAMPS

LIT = "lit"
LAMPS = tuple(f"lamp_{number}" for number in range(MOST_LAMPS))
LABEL_PLANES = ("ids", "depth", "normal")
# The largest half-float below infinity: Unreal's depth where the camera sees nothing.
_NO_DEPTH_CM = 65504.0
_BLUE, _GREEN, _RED, _ALPHA = (byte / 255 for byte in struct.pack("<f", _NO_DEPTH_CM))
# The RGBA of each plane where no surface is.
NOTHING = {
    LIT: (0.62, 0.66, 0.66, 1.0),
    "ids": (0.0, 0.0, 0.0, 0.0),
    "depth": (_RED, _GREEN, _BLUE, _ALPHA),
    "normal": (0.0, 0.0, 0.0, 1.0),
    "mask": (0.0, 0.0, 0.0, 1.0),
}

_BYTES_OF = """
vec4 bytes_of(uint number) {
    return vec4(number >> 16 & 255u, number >> 8 & 255u, number & 255u, number >> 24) * (1.0 / 255.0);
}
"""

_LIT_VERTEX = f"""#version 330
uniform int first_id;
uniform mat4 p3d_ModelViewProjectionMatrix;
uniform mat4 p3d_ModelMatrix;
uniform mat4 p3d_ViewMatrixInverse;
uniform mat4 p3d_ModelMatrixInverseTranspose;
uniform mat4 level_shadow_from_world, movable_shadow_from_world;
uniform vec4 level_shadow_texel, movable_shadow_texel;
uniform vec3 space_low, space_high;
uniform float fog_per_m;
LAMP_INPUTS
in vec4 p3d_Vertex;
in vec3 p3d_Normal;
in vec4 p3d_Color;
in vec2 p3d_MultiTexCoord0;
in vec3 surface;
in float triangle;
out vec3 normal, to_eye, tint, level_point, movable_point, lamps, to_lamps;
out vec2 uv, relief_uv;
out vec4 shine;
out float clearness, depth_cm;
flat out vec4 id_bytes;
{_BYTES_OF}
void add_lamp(vec4 lamp, vec3 radiance, vec3 world) {{
    vec3 reach = lamp.xyz - world;
    float square = dot(reach, reach);
    float share = 1.0 / (1.0 + square * lamp.w);
    lamps += radiance * share;
    to_lamps += reach * (share * inversesqrt(square) * dot(radiance, vec3(1.0)));
}}

void main() {{
    gl_Position = p3d_ModelViewProjectionMatrix * p3d_Vertex;
    depth_cm = 100.0 * gl_Position.w;
    id_bytes = bytes_of(uint(first_id) + uint(triangle));
    vec3 world = (p3d_ModelMatrix * p3d_Vertex).xyz;
    normal = mat3(p3d_ModelMatrixInverseTranspose) * p3d_Normal;
    to_eye = p3d_ViewMatrixInverse[3].xyz - world;
    tint = p3d_Color.rgb * p3d_Color.rgb;
    uv = p3d_MultiTexCoord0;
    // Each actor has another part of the relief, in steps of a tile.
    vec2 place = fract(float(first_id) * vec2(0.618034, 0.754878));
    relief_uv = (uv + floor(place / surface.z)) * surface.z;
    float gloss = surface.x;
    float power = exp2(3.0 + 7.0 * gloss);
    // Strength and power of the sun's reflection, gloss, glow.
    shine = vec4(gloss * gloss * 0.015 * power, 0.25 * power, gloss, 2.4 * surface.y);
    clearness = exp(-fog_per_m * FOG_M);
    lamps = vec3(0.0);
    to_lamps = vec3(0.0);
    ADD_LAMPS
    to_lamps /= max(dot(lamps, vec3(1.0)), 1e-6);
    vec3 outward = normalize(normal);
    level_point = (level_shadow_from_world * vec4(world + level_shadow_texel.y * outward, 1.0)).xyz;
    movable_point = (movable_shadow_from_world * vec4(world + movable_shadow_texel.y * outward, 1.0)).xyz;
}}
"""

# Lamps, fog and what depends on gloss alone are computed for vertices, because fragments cost more. Alpha of
# a texture, 1 without the channel, scales the glow. Relief has the slopes of the surface along u and v, then
# factors of gloss and colour, see ``content/textures/relief.py``.
_LIT_FRAGMENT = """#version 330
uniform sampler2D p3d_Texture0, p3d_Texture1;
uniform sampler2DShadow level_shadow_map, movable_shadow_map;
uniform vec4 level_shadow_texel, movable_shadow_texel;
uniform vec3 to_sun, sun, sky, ground, haze;
in vec3 normal, to_eye, tint, level_point, movable_point, lamps, to_lamps;
in vec2 uv, relief_uv;
in vec4 shine;
in float clearness;
OUTPUTS
vec3 bent(vec3 n, vec2 slope) {
    vec3 step_x = dFdx(to_eye), step_y = dFdy(to_eye);
    vec3 across_x = cross(n, step_y), across_y = cross(step_x, n);
    vec2 uv_x = dFdx(relief_uv), uv_y = dFdy(relief_uv);
    vec3 along_u = across_x * uv_x.x + across_y * uv_y.x;
    vec3 along_v = across_x * uv_x.y + across_y * uv_y.y;
    slope *= inversesqrt(max(max(dot(along_u, along_u), dot(along_v, along_v)), 1e-30));
    return normalize(n + along_u * slope.x + along_v * slope.y);
}

void main() {
    vec3 n = normalize(normal);
    LABELS
    vec4 relief = texture(p3d_Texture1, relief_uv);
    n = bent(n, relief.xy * (255.0 / 127.0) - 128.0 / 127.0);
    vec2 factors = relief.zw * (255.0 / 128.0);
    vec3 v = to_eye * inversesqrt(dot(to_eye, to_eye));
    vec4 texel = texture(p3d_Texture0, uv);
    vec3 albedo = texel.rgb * texel.rgb * tint * factors.y;
    float gloss = shine.z * factors.x;
    float sunlit = SUNLIT;
    vec3 sunshine = sun * (max(dot(n, to_sun), 0.0) * sunlit);
    float facing = dot(n, v);
    vec3 mirror = 2.0 * facing * n - v;
    float grazing = 1.0 - max(facing, 0.0);
    grazing *= grazing;
    vec3 surroundings = mix(ground, sky, clamp(2.0 * mirror.z + 0.4, 0.0, 1.0)) + 0.4 * haze;
    vec3 light = mix(ground, sky, 0.5 + 0.5 * n.z) + sunshine LAMPS;
    vec3 radiance = albedo * (light + shine.w * texel.a)
        + sunshine * (shine.x * factors.x * pow(max(dot(mirror, to_sun), 0.0), shine.y))
        + surroundings * (gloss * (0.08 + gloss * grazing * grazing));
    radiance = FOG;
    vec3 toned = radiance * (2.51 * radiance + 0.03) / (radiance * (2.43 * radiance + 0.59) + 0.14);
    out_lit = vec4(sqrt(toned), 1.0);
}
"""

# How much fog is between the eye and a point: everywhere, or outside of the level's space.
Fog = Literal["everywhere", "outside"]
_FOG_M: dict[Fog, str] = {
    "everywhere": "length(to_eye)",
    "outside": "length(max(max(space_low - world, world - space_high), 0.0))",
}
# In the middle, and on a small and a wider ring.
_TAPS = ((0.0, 0.0),)
_SOFT_TAPS = (
    *_TAPS, (1.0, 0.4), (-0.4, 1.0), (-1.0, -0.4), (0.4, -1.0), (1.2, 2.0), (-2.0, 1.2), (-1.2, -2.0),
    (2.0, -1.2),
)  # fmt: skip
_LABEL_INPUTS = f"""
in float depth_cm;
flat in vec4 id_bytes;
{_BYTES_OF}"""

# Needs a unit normal ``n``; axes X and Y are those of Unreal.
_LABELS = """
    out_ids = id_bytes;
    out_depth = bytes_of(floatBitsToUint(depth_cm));
    out_normal = vec4(0.5 * n.yxz + 0.5, 1.0);
"""

PLAIN_VERTEX = """#version 330
uniform mat4 p3d_ModelViewProjectionMatrix;
in vec4 p3d_Vertex;
in vec2 p3d_MultiTexCoord0;
out vec2 uv;
void main() {
    gl_Position = p3d_ModelViewProjectionMatrix * p3d_Vertex;
    uv = p3d_MultiTexCoord0;
}
"""

# The depth of the sky is the largest one, so that it is drawn where nothing else is.
SKY_VERTEX = PLAIN_VERTEX.replace("* p3d_Vertex;", "* p3d_Vertex;\n    gl_Position.z = gl_Position.w;")

_TEXTURE_FRAGMENT = """#version 330
uniform sampler2D p3d_Texture0;
uniform vec4 p3d_ColorScale;
in vec2 uv;
OUTPUTS
void main() {
    out_lit = texture(p3d_Texture0, uv) * p3d_ColorScale;
    LABELS
}
"""

SHADOW_FRAGMENT = """#version 330
void main() {}
"""

LABEL_VERTEX = f"""#version 330
uniform int first_id;
uniform mat4 p3d_ModelViewProjectionMatrix;
uniform mat4 p3d_ModelMatrixInverseTranspose;
in vec4 p3d_Vertex;
in vec3 p3d_Normal;
in float triangle;
out vec3 normal;
out float depth_cm;
flat out vec4 id_bytes;
{_BYTES_OF}void main() {{
    gl_Position = p3d_ModelViewProjectionMatrix * p3d_Vertex;
    normal = mat3(p3d_ModelMatrixInverseTranspose) * p3d_Normal;
    depth_cm = 100.0 * gl_Position.w;
    id_bytes = bytes_of(uint(first_id) + uint(triangle));
}}
"""

_LABEL_FRAGMENT = """#version 330
in vec3 normal;
OUTPUTS
void main() {
    vec3 n = normalize(normal);
    LABELS
}
"""


def lit_program(lamps: int, *, fog: Fog | None, is_soft: bool) -> Shader:
    """Return the shader of the lit image and labels, with so many lamps and with that fog.

    Each tap of a shadow map is filtered over 2x2 texels; soft shadows have more taps.
    """
    used = LAMPS[:lamps]
    inputs = "".join(f"uniform vec4 {lamp};\nuniform vec3 {lamp}_radiance;\n" for lamp in used)
    added = "\n    ".join(f"add_lamp({lamp}, {lamp}_radiance, world);" for lamp in used)
    vertex = _LIT_VERTEX.replace("LAMP_INPUTS", inputs).replace("ADD_LAMPS", added)
    vertex = vertex.replace("FOG_M", _FOG_M[fog] if fog else "0.0")
    lamp_light = "+ lamps * (0.35 + 0.65 * max(dot(n, to_lamps), 0.0))"
    fragment = _LIT_FRAGMENT.replace("LAMPS", lamp_light if lamps else "")
    fragment = fragment.replace("FOG", "mix(haze, radiance, clearness)" if fog else "radiance")
    taps = _SOFT_TAPS if is_soft else _TAPS
    fragment = fragment.replace("SUNLIT", f"{_sunlit('level', taps)} * {_sunlit('movable', taps)}")
    return program(vertex, _with_outputs(fragment, (LIT, *LABEL_PLANES), _LABELS, _LABEL_INPUTS))


def _sunlit(name: str, taps: tuple[tuple[float, float], ...]) -> str:
    """The share of the sun that reaches a fragment by one shadow map; taps are offsets in texels."""
    places = [f"{name}_point + {name}_shadow_texel.x * vec3({x}, {y}, 0.0)" for x, y in taps]
    added = " + ".join(f"texture({name}_shadow_map, {place})" for place in places)
    return f"({added}) * {1 / len(taps)}"


def label_fragment() -> str:
    """Return the fragment shader of labels without the lit image."""
    return _with_outputs(_LABEL_FRAGMENT, LABEL_PLANES, _LABELS, _LABEL_INPUTS)


def sky_fragment() -> str:
    """Return the fragment shader of the sky: its labels say that nothing is there."""
    labels = " ".join(f"out_{plane} = vec4{NOTHING[plane]};" for plane in LABEL_PLANES)
    return _with_outputs(_TEXTURE_FRAGMENT, (LIT, *LABEL_PLANES), labels)


def blended_fragment() -> str:
    """Return the fragment shader of what is blended into lit images: alpha 0 leaves labels unchanged."""
    labels = " ".join(f"out_{plane} = vec4(0.0);" for plane in LABEL_PLANES)
    return _with_outputs(_TEXTURE_FRAGMENT, (LIT, *LABEL_PLANES), labels)


def _with_outputs(source: str, planes: tuple[str, ...], labels: str, inputs: str = "") -> str:
    outputs = [f"layout(location = {place}) out vec4 out_{plane};" for place, plane in enumerate(planes)]
    return source.replace("OUTPUTS", "\n".join(outputs) + inputs).replace("LABELS", labels)


def program(vertex: str, fragment: str) -> Shader:
    """Return the shader made of a vertex shader and a fragment shader."""
    return Shader.make(Shader.SL_GLSL, vertex, fragment)
