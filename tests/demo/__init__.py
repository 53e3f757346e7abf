"""The main job, told through the public API alone: from bare hosts to governed releases."""
