package com.kingcdn.redirector.registry;

import java.io.StringReader;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * A YAML document as a JSON tree that knows the line of each of its values.
 *
 * <p>Only what JSON can say: one document, keys that are plain text and stand once, no anchors on collections (which can expand without
 * bound), no tags. Scalars other than null stay text; the reader of the tree turns them into what the key needs.
 */
final class YamlTree {

    /** What is wrong with a document, and where. */
    static final class InvalidException extends Exception {
        private final int line;

        InvalidException(int line, String reason, @Nullable Throwable cause) {
            super(reason, cause);
            this.line = line;
        }

        int line() {
            return line;
        }
    }

    private final Map<String, Integer> lines = new HashMap<>();
    private final JsonNode root;

    private YamlTree(@Nullable Node document) throws InvalidException {
        if (document == null || Tag.NULL.equals(document.getTag())) {
            // as it is for a moment when an editor writes it anew: that is no wish to serve nothing
            throw new InvalidException(1, "nothing is in it", null);
        }
        this.root = convert(document, "");
    }

    static YamlTree parse(String text) throws InvalidException {
        LoaderOptions options = new LoaderOptions();
        options.setMaxAliasesForCollections(0);
        options.setNestingDepthLimit(32);
        options.setCodePointLimit(16 * 1024 * 1024);
        try {
            return new YamlTree(new Yaml(options).compose(new StringReader(text)));
        } catch (MarkedYAMLException e) {
            int line = e.getProblemMark() == null ? 1 : e.getProblemMark().getLine() + 1;
            throw new InvalidException(line, "not YAML: " + e.getProblem(), e);
        } catch (YAMLException e) {
            throw new InvalidException(1, "not YAML: " + e.getMessage(), e);
        }
    }

    JsonNode root() {
        return root;
    }

    /** From 1, by RFC 6901 pointer. */
    Map<String, Integer> lines() {
        return lines;
    }

    private JsonNode convert(Node node, String pointer) throws InvalidException {
        lines.putIfAbsent(pointer, line(node));
        if (node instanceof MappingNode mapping) {
            return object(mapping, pointer);
        }
        if (node instanceof SequenceNode sequence) {
            ArrayNode array = JsonNodeFactory.instance.arrayNode();
            for (Node value : sequence.getValue()) {
                array.add(convert(value, pointer + "/" + array.size()));
            }
            return array;
        }
        ScalarNode scalar = (ScalarNode) node;
        return Tag.NULL.equals(scalar.getTag())
                ? JsonNodeFactory.instance.nullNode()
                : JsonNodeFactory.instance.stringNode(scalar.getValue());
    }

    private ObjectNode object(MappingNode mapping, String pointer) throws InvalidException {
        ObjectNode object = JsonNodeFactory.instance.objectNode();
        Set<String> seen = new HashSet<>();
        for (NodeTuple tuple : mapping.getValue()) {
            if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
                throw new InvalidException(line(tuple.getKeyNode()), "a key must be plain text", null);
            }
            String name = key.getValue();
            if (!seen.add(name)) {
                throw new InvalidException(line(key), "key '" + name + "' stands twice", null);
            }
            String below = pointer + "/" + name.replace("~", "~0").replace("/", "~1");
            lines.put(below, line(key));
            object.set(name, convert(tuple.getValueNode(), below));
        }
        return object;
    }

    private static int line(Node node) {
        return node.getStartMark().getLine() + 1;
    }
}
