"""Draws surfaces with OpenGL into a picture, without a window of its own.

Qt's own classes are enough (docs/decisions/0020-surfaces-with-qts-opengl.md). What is drawn comes back as a picture, so
that a widget paints it and its mark in one pass.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QImage, QMatrix4x4, QOffscreenSurface, QOpenGLContext, QSurfaceFormat, QVector3D
from PySide6.QtOpenGL import (
    QOpenGLBuffer,
    QOpenGLFramebufferObject,
    QOpenGLFramebufferObjectFormat,
    QOpenGLShader,
    QOpenGLShaderProgram,
)
from shiboken6 import VoidPtr

from medgan_viewer.core.surfaces import Surface
from medgan_viewer.core.volume import Vector
from medgan_viewer.errors import MissingPartError
from medgan_viewer.ui.volume.camera import Camera

__all__ = ["SurfacePainter"]

# As OpenGL's headers name them.
_COLOUR_AND_DEPTH = 0x4000 | 0x0100
_DEPTH_TEST, _TRIANGLES, _UNSIGNED_INT, _FLOAT = 0x0B71, 0x0004, 0x1405, 0x1406
_SAMPLES = 4
_FLOAT_BYTES = 4

# The oldest language that every driver still reads.
_VERTEX = """
attribute vec3 point;
attribute vec3 normal;
uniform mat4 place;
uniform mat4 turn;
varying vec3 outwards;
void main() {
    outwards = (turn * vec4(normal, 0.0)).xyz;
    gl_Position = place * vec4(point, 1.0);
}
"""
# A lamp beside the reader's head and a weaker one from above on the left; no side is black.
_FRAGMENT = """
uniform vec3 colour;
varying vec3 outwards;
void main() {
    vec3 facing = normalize(outwards);
    facing = facing.z < 0.0 ? -facing : facing;
    float lit = 0.22 + 0.58 * facing.z + 0.22 * max(dot(facing, vec3(-0.45, 0.6, 0.66)), 0.0);
    float shine = 0.12 * pow(max(dot(facing, vec3(-0.24, 0.32, 0.91)), 0.0), 30.0);
    gl_FragColor = vec4(min(colour * lit + vec3(shine), 1.0), 1.0);
}
"""


@dataclass(eq=False)
class _Mesh:
    """A surface in the card's memory."""

    vertices: QOpenGLBuffer
    triangles: QOpenGLBuffer
    count: int
    # Of its points, LPS mm: all of them are within this distance of the middle.
    middle: Vector
    radius: float

    def destroy(self) -> None:
        self.vertices.destroy()
        self.triangles.destroy()


class SurfacePainter:
    """Keeps surfaces by a key and draws some of them. Only ever used on the thread of the window.

    Raises ``MissingPartError`` where this computer cannot do it. A driver may also crash: ask
    ``ui.volume.probe`` first, which tries it in a process of its own.
    """

    def __init__(self) -> None:
        wanted = QSurfaceFormat()
        wanted.setDepthBufferSize(24)
        self._context = QOpenGLContext()
        self._context.setFormat(wanted)
        if not self._context.create():
            raise MissingPartError("This computer offers no OpenGL here.")
        self._surface = QOffscreenSurface()
        self._surface.setFormat(self._context.format())
        self._surface.create()
        self._meshes: dict[int, _Mesh] = {}
        self._frame: QOpenGLFramebufferObject | None = None
        self._program = QOpenGLShaderProgram()
        self._begin()
        try:
            self._build()
        finally:
            self._context.doneCurrent()

    def _begin(self) -> None:
        if not (self._surface.isValid() and self._context.makeCurrent(self._surface)):
            raise MissingPartError("OpenGL on this computer refuses to draw.")

    def _build(self) -> None:
        kinds = QOpenGLShader.ShaderTypeBit
        program = self._program
        built = program.addShaderFromSourceCode(kinds.Vertex, _VERTEX)
        built = built and program.addShaderFromSourceCode(kinds.Fragment, _FRAGMENT)
        if not (built and program.link() and QOpenGLFramebufferObject.hasOpenGLFramebufferObjects()):
            raise MissingPartError("OpenGL on this computer is too old to draw surfaces.")

    # -- surfaces ------------------------------------------------------------------------------------------------

    def put(self, key: int, surface: Surface) -> None:
        """Keep a surface, in the place of the one before."""
        self.drop(key)
        self._begin()
        both = np.ascontiguousarray(np.concatenate([surface.points, surface.normals], axis=1), dtype=np.float32)
        low, high = surface.points.min(axis=0), surface.points.max(axis=0)
        self._meshes[key] = _Mesh(
            _buffer(QOpenGLBuffer.Type.VertexBuffer, both.tobytes()),
            _buffer(QOpenGLBuffer.Type.IndexBuffer, surface.triangles.tobytes()),
            surface.triangles.size,
            (low + high).astype(np.float64) / 2,
            float(np.linalg.norm(high - low)) / 2,
        )
        self._context.doneCurrent()

    def drop(self, key: int) -> None:
        """Forget a surface."""
        mesh = self._meshes.pop(key, None)
        if mesh is not None:
            self._begin()
            mesh.destroy()
            self._context.doneCurrent()

    def close(self) -> None:
        """Give back what the card holds."""
        for key in list(self._meshes):
            self.drop(key)
        self._begin()
        self._frame = None
        self._program.removeAllShaders()
        self._context.doneCurrent()
        self._surface.destroy()

    # -- drawing -------------------------------------------------------------------------------------------------

    def picture(self, camera: Camera, size: QSize, ratio: float, shown: Sequence[tuple[int, str]]) -> QImage:
        """Return what the camera sees of some surfaces, each a key and a colour (#rrggbb), on black.

        ``size`` counts logical pixels, ``ratio`` the device's pixels for each.
        """
        self._begin()
        pixels = QSize(max(round(size.width() * ratio), 1), max(round(size.height() * ratio), 1))
        frame = self._frame_of(pixels)
        frame.bind()
        gl = self._context.functions()
        gl.glViewport(0, 0, pixels.width(), pixels.height())
        gl.glClearColor(0.0, 0.0, 0.0, 1.0)
        gl.glEnable(_DEPTH_TEST)
        gl.glClear(_COLOUR_AND_DEPTH)
        there = [(self._meshes[key], colour) for key, colour in shown if key in self._meshes]
        self._program.bind()
        turn = np.eye(4)
        turn[:3, :3] = camera.axes
        depth = max((float(np.linalg.norm(m.middle - camera.centre)) + m.radius for m, _ in there), default=1.0) + 1.0
        place = camera.matrix(max(size.width(), 1), max(size.height(), 1), depth)
        for name, matrix in (("place", place), ("turn", turn)):
            self._program.setUniformValue(self._program.uniformLocation(name), QMatrix4x4(*matrix.ravel().tolist()))
        for mesh, colour in there:
            self._draw(mesh, QColor(colour))
        self._program.release()
        frame.release()
        image = frame.toImage().convertToFormat(QImage.Format.Format_RGB32)
        self._context.doneCurrent()
        image.setDevicePixelRatio(ratio)
        return image

    def _frame_of(self, pixels: QSize) -> QOpenGLFramebufferObject:
        if self._frame is None or self._frame.size() != pixels:
            kind = QOpenGLFramebufferObjectFormat()
            kind.setAttachment(QOpenGLFramebufferObject.Attachment.Depth)
            kind.setSamples(_SAMPLES)
            self._frame = QOpenGLFramebufferObject(pixels, kind)
        if not self._frame.isValid():
            self._frame = None
            raise MissingPartError("OpenGL on this computer has no room for a picture of this size.")
        return self._frame

    def _draw(self, mesh: _Mesh, colour: QColor) -> None:
        program = self._program
        strength = QVector3D(colour.redF(), colour.greenF(), colour.blueF())
        program.setUniformValue(program.uniformLocation("colour"), strength)
        mesh.vertices.bind()
        for number, name in enumerate(("point", "normal")):
            at = program.attributeLocation(name)
            program.enableAttributeArray(at)
            program.setAttributeBuffer(at, _FLOAT, 3 * _FLOAT_BYTES * number, 3, 6 * _FLOAT_BYTES)
        mesh.triangles.bind()
        # From the first one in the buffer. The stubs say int, and an int is refused.
        first: Any = VoidPtr(0)
        self._context.functions().glDrawElements(_TRIANGLES, mesh.count, _UNSIGNED_INT, first)
        mesh.triangles.release()
        mesh.vertices.release()


def _buffer(kind: QOpenGLBuffer.Type, content: bytes) -> QOpenGLBuffer:
    made = QOpenGLBuffer(kind)
    made.create()
    made.bind()
    made.allocate(content, len(content))
    made.release()
    return made
