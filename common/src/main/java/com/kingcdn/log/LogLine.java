package com.kingcdn.log;

import tools.jackson.core.JsonGenerator;

/**
 * One line of a log: an immutable value that writes itself, later and on the log's own thread. The event loop pays for making the
 * value only.
 */
@FunctionalInterface
public interface LogLine {

    /** Writes the properties of the line's object; the braces are written around it. Must not block. */
    void writeProperties(JsonGenerator json);
}
