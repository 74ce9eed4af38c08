package com.kingcdn.redirector.api;

import com.kingcdn.control.ControlJson;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The body of a PUT: what GET shows can be sent back as it is; the identifier may be left out, since the path has it. */
final class ObjectBody {

    /** Shown by GET and not the client's to say. */
    private static final Set<String> READ_ONLY = Set.of("source", "status");

    private ObjectBody() {}

    /** @throws UnprocessableException when the body names another identifier than the path */
    static <T> T read(ObjectNode body, String id, Class<T> type) {
        @Nullable JsonNode named = body.get("id");
        if (named != null && !id.equals(named.asString())) {
            throw new UnprocessableException(
                    "/id", "the body is of '" + named.asString() + "' and the path of '" + id + "'");
        }
        ObjectNode own = body.deepCopy();
        own.put("id", id);
        own.remove(READ_ONLY);
        return ControlJson.mapper().treeToValue(own, type);
    }
}
