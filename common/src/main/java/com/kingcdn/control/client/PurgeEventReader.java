package com.kingcdn.control.client;

import com.kingcdn.control.ControlEvent;
import com.kingcdn.control.PurgeMode;
import com.kingcdn.control.PurgeRequest;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Reads the one event that comes in thousands a second token by token, at a fraction of what binding costs. For one event.
 *
 * <p>It answers only for what it knows in full; members it does not know are passed over, as everywhere on this side.
 */
final class PurgeEventReader {

    private static final JsonFactory JSON = new JsonFactory();

    private @Nullable String id;
    private long sequence;
    private long acceptedAtMillis;
    private @Nullable PurgeRequest request;

    private PurgeEventReader() {}

    /** The purge; null when this is to be read, or refused, in the way of the other events. */
    static ControlEvent.@Nullable Purge read(String json) {
        try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), json)) {
            return new PurgeEventReader().event(parser);
        } catch (JacksonException | IllegalArgumentException | NullPointerException e) {
            // the same is found again, and told, by who reads it next
            return null;
        }
    }

    private ControlEvent.@Nullable Purge event(JsonParser parser) {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            return null;
        }
        for (String name = parser.nextName(); name != null; name = parser.nextName()) {
            JsonToken value = parser.nextToken();
            switch (name) {
                case "id" -> id = text(parser);
                case "sequence" -> sequence = parser.getLongValue();
                case "acceptedAtMillis" -> acceptedAtMillis = parser.getLongValue();
                case "request" -> request = value == JsonToken.START_OBJECT ? request(parser) : null;
                default -> parser.skipChildren();
            }
        }
        boolean whole = parser.currentToken() == JsonToken.END_OBJECT && parser.nextToken() == null;
        return whole && id != null && request != null
                ? new ControlEvent.Purge(id, sequence, acceptedAtMillis, request)
                : null;
    }

    private static PurgeRequest request(JsonParser parser) {
        @Nullable List<String> urls = null;
        @Nullable List<String> prefixes = null;
        @Nullable List<String> tags = null;
        @Nullable List<String> hosts = null;
        @Nullable List<String> distributions = null;
        @Nullable PurgeMode mode = null;
        for (String name = parser.nextName(); name != null; name = parser.nextName()) {
            parser.nextToken();
            switch (name) {
                case "urls" -> urls = texts(parser);
                case "prefixes" -> prefixes = texts(parser);
                case "tags" -> tags = texts(parser);
                case "hosts" -> hosts = texts(parser);
                case "distributions" -> distributions = texts(parser);
                case "mode" -> mode = mode(text(parser));
                default -> throw new IllegalArgumentException("a scope or mode of a later version");
            }
        }
        return new PurgeRequest(urls, prefixes, tags, hosts, distributions, mode);
    }

    private static PurgeMode mode(String name) {
        return switch (name) {
            case "hard" -> PurgeMode.HARD;
            case "soft" -> PurgeMode.SOFT;
            default -> throw new IllegalArgumentException("mode " + name);
        };
    }

    private static List<String> texts(JsonParser parser) {
        if (parser.currentToken() != JsonToken.START_ARRAY) {
            throw new IllegalArgumentException("not a list");
        }
        List<String> texts = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            texts.add(text(parser));
        }
        return texts;
    }

    private static String text(JsonParser parser) {
        if (parser.currentToken() != JsonToken.VALUE_STRING) {
            throw new IllegalArgumentException("not a text");
        }
        return parser.getString();
    }
}
