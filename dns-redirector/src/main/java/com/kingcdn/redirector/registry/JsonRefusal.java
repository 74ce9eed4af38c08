package com.kingcdn.redirector.registry;

import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.InputCoercionException;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.databind.exc.InvalidFormatException;
import tools.jackson.databind.exc.MismatchedInputException;
import tools.jackson.databind.exc.UnrecognizedPropertyException;
import tools.jackson.databind.exc.ValueInstantiationException;

/**
 * Why a JSON value was not what was asked for, in words for the one who wrote it: no class names, no traces.
 *
 * @param pointer where, as an RFC 6901 pointer; empty for the whole
 * @param reason what is wrong there
 */
public record JsonRefusal(String pointer, String reason) {

    public static JsonRefusal of(JacksonException e) {
        String pointer = e.getPath().stream()
                .map(step -> step.getPropertyName() == null
                        ? "/" + step.getIndex()
                        : "/" + step.getPropertyName().replace("~", "~0").replace("/", "~1"))
                .collect(Collectors.joining());
        return new JsonRefusal(pointer, reason(e));
    }

    private static String reason(JacksonException e) {
        if (e instanceof UnrecognizedPropertyException unknown) {
            List<String> known = unknown.getKnownPropertyIds() == null
                    ? List.of()
                    : unknown.getKnownPropertyIds().stream()
                            .map(String::valueOf)
                            .sorted()
                            .toList();
            return "unknown key '" + unknown.getPropertyName() + "'; known here: " + String.join(", ", known);
        }
        if (e instanceof ValueInstantiationException refused) {
            return ofConstructor(refused.getCause());
        }
        if (e instanceof InvalidFormatException format) {
            return "'" + format.getValue() + "' is not " + kind(format.getTargetType());
        }
        if (e instanceof MismatchedInputException mismatch) {
            return mismatched(mismatch);
        }
        if (e instanceof InputCoercionException) {
            return "the number is out of range";
        }
        if (e instanceof StreamReadException) {
            TokenStreamLocation at = e.getLocation();
            String where = at == null ? "" : " at line " + at.getLineNr() + ", column " + at.getColumnNr();
            // the rest is of where an open object began, with what our parser's settings are
            String what = firstLine(e.getOriginalMessage()).replaceFirst(" \\(start marker at .*", "");
            return "not JSON" + where + ": " + what;
        }
        return firstLine(e.getOriginalMessage());
    }

    private static String ofConstructor(@Nullable Throwable cause) {
        if (cause instanceof IllegalArgumentException || cause instanceof NullPointerException) {
            @Nullable String message = cause.getMessage();
            // a null within a list says nothing by itself
            return message == null ? "a list holds null" : message;
        }
        return "not a valid value";
    }

    private static String mismatched(MismatchedInputException e) {
        String message = firstLine(e.getOriginalMessage());
        if (message.startsWith("Missing required creator property")) {
            int quote = message.indexOf('\'');
            return "key " + message.substring(quote, message.indexOf('\'', quote + 1) + 1) + " is missing";
        }
        return "not " + kind(e.getTargetType());
    }

    private static String kind(@Nullable Class<?> type) {
        if (type == null) {
            return "what belongs here";
        }
        if (type.isEnum()) {
            return "one of the values documented for this key";
        }
        if (type == boolean.class) {
            return "true or false";
        }
        if (type == Duration.class) {
            return "a duration: a whole number with ms, s, m, h or d";
        }
        if (type == int.class || type == long.class || type == Integer.class) {
            return "a whole number";
        }
        if (type.isPrimitive() || Number.class.isAssignableFrom(type)) {
            return "a number";
        }
        if (List.class.isAssignableFrom(type)) {
            return "a list";
        }
        return type == String.class ? "a text" : type.isRecord() ? "an object with keys" : "a valid value";
    }

    private static String firstLine(@Nullable String message) {
        return message == null ? "not readable" : message.lines().findFirst().orElse("");
    }
}
