"""The GLSL of the look ``lit``. Fragment shaders have no branches and no loops."""

from panda3d.core import Shader

LIT_VERTEX = """#version 330
uniform mat4 p3d_ModelViewProjectionMatrix;
uniform mat4 p3d_ModelMatrix;
uniform mat4 p3d_ViewMatrixInverse;
uniform mat4 p3d_ModelMatrixInverseTranspose;
uniform mat4 level_shadow_from_world, movable_shadow_from_world;
uniform vec4 level_shadow_texel, movable_shadow_texel;
in vec4 p3d_Vertex;
in vec3 p3d_Normal;
in vec4 p3d_Color;
in vec2 p3d_MultiTexCoord0;
in vec2 surface;
out vec3 world, normal, to_eye, tint, level_point, movable_point;
out vec2 uv, gloss_glow;
void main() {
    gl_Position = p3d_ModelViewProjectionMatrix * p3d_Vertex;
    world = (p3d_ModelMatrix * p3d_Vertex).xyz;
    normal = mat3(p3d_ModelMatrixInverseTranspose) * p3d_Normal;
    to_eye = p3d_ViewMatrixInverse[3].xyz - world;
    tint = p3d_Color.rgb * p3d_Color.rgb;
    uv = p3d_MultiTexCoord0;
    gloss_glow = surface;
    vec3 outward = normalize(normal);
    level_point = (level_shadow_from_world * vec4(world + level_shadow_texel.y * outward, 1.0)).xyz;
    movable_point = (movable_shadow_from_world * vec4(world + movable_shadow_texel.y * outward, 1.0)).xyz;
}
"""

_LIT_FRAGMENT = """#version 330
uniform sampler2D p3d_Texture0;
uniform sampler2DShadow level_shadow_map, movable_shadow_map;
uniform vec3 to_sun, sun, sky, ground, haze;
uniform vec2 fog_exposure;
uniform vec4 lamp_a, lamp_b;
uniform vec3 lamp_a_radiance, lamp_b_radiance;
in vec3 world, normal, to_eye, tint, level_point, movable_point;
in vec2 uv, gloss_glow;
out vec4 color;

float sunlit() {
    return texture(movable_shadow_map, movable_point) * texture(level_shadow_map, level_point);
}

vec3 lamp_light(vec4 lamp, vec3 radiance, vec3 n) {
    vec3 reach = lamp.xyz - world;
    float square = dot(reach, reach);
    float facing = 0.35 + 0.65 * max(dot(n, reach) * inversesqrt(square), 0.0);
    return radiance * (facing / (1.0 + square * lamp.w));
}

void main() {
    vec3 n = normalize(normal);
    float distance = length(to_eye);
    vec3 v = to_eye / distance;
    vec3 h = normalize(v + to_sun);
    vec3 texel = texture(p3d_Texture0, uv).rgb;
    vec3 albedo = texel * texel * tint;
    float gloss = gloss_glow.x;
    vec3 sunshine = sun * (max(dot(n, to_sun), 0.0) * sunlit());
    float power = exp2(3.0 + 7.0 * gloss);
    float grazing = 1.0 - max(dot(n, v), 0.0);
    grazing *= grazing;
    float fresnel = 0.04 + 0.5 * gloss * grazing * grazing;
    float mirror = reflect(-v, n).z;
    vec3 surroundings = mix(ground, sky + 0.6 * haze * (1.0 - abs(mirror)), smoothstep(-0.2, 0.3, mirror));
    vec3 light = mix(ground, sky, 0.5 + 0.5 * n.z) + sunshine LAMPS;
    vec3 radiance = albedo * (light + 4.0 * gloss_glow.y)
        + sunshine * (gloss * gloss * 0.06 * power * 0.25 * pow(max(dot(n, h), 0.0), power))
        + surroundings * (fresnel * gloss * 2.0);
    radiance = FOG * fog_exposure.y;
    vec3 toned = radiance * (2.51 * radiance + 0.03) / (radiance * (2.43 * radiance + 0.59) + 0.14);
    color = vec4(sqrt(clamp(toned, 0.0, 1.0)), 1.0);
}
"""

PLAIN_VERTEX = """#version 330
uniform mat4 p3d_ModelViewProjectionMatrix;
in vec4 p3d_Vertex;
in vec4 p3d_Color;
in vec2 p3d_MultiTexCoord0;
out vec4 tint;
out vec2 uv;
out float depth_cm;
void main() {
    gl_Position = p3d_ModelViewProjectionMatrix * p3d_Vertex;
    depth_cm = 100.0 * gl_Position.w;
    tint = p3d_Color;
    uv = p3d_MultiTexCoord0;
}
"""

TEXTURE_FRAGMENT = """#version 330
uniform sampler2D p3d_Texture0;
in vec2 uv;
out vec4 color;
void main() { color = texture(p3d_Texture0, uv); }
"""

MASK_FRAGMENT = """#version 330
in vec4 tint;
out vec4 color;
void main() { color = vec4(tint.rgb, 1.0); }
"""

DEPTH_FRAGMENT = """#version 330
in float depth_cm;
out vec4 color;
void main() { color = vec4(depth_cm, 0.0, 0.0, 1.0); }
"""


def lit_fragment(lamps: bool, fog: bool) -> str:
    """Return the fragment shader of lit images, without the terms of absent lamps and fog."""
    lamp_terms = "+ lamp_light(lamp_a, lamp_a_radiance, n) + lamp_light(lamp_b, lamp_b_radiance, n)"
    fogged = "mix(haze, radiance, exp(-fog_exposure.x * distance))"
    source = _LIT_FRAGMENT.replace("LAMPS", lamp_terms if lamps else "")
    return source.replace("FOG", fogged if fog else "radiance")


def program(vertex: str, fragment: str) -> Shader:
    """Return the shader made of a vertex shader and a fragment shader."""
    return Shader.make(Shader.SL_GLSL, vertex, fragment)
