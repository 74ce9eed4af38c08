package com.kingcdn.redirector.zone;

import java.util.AbstractCollection;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.Name;

/**
 * A map by name whose changed copies share with it all that did not change: many small hash maps, of which a copy takes those that it
 * changes. So a change of one record costs the same in a zone of a million as in one of a thousand, in time and in memory. Immutable.
 */
final class NameMap<V> {

    /** A part that is twice as large is split. */
    private static final int PER_PART = 256;

    private static final int SPLIT = 8;

    private final List<Map<Name, V>> parts;
    private final int size;

    private NameMap(List<Map<Name, V>> parts, int size) {
        this.parts = parts;
        this.size = size;
    }

    static <V> NameMap<V> empty() {
        return new NameMap<>(List.of(Map.of()), 0);
    }

    @Nullable
    V get(Name name) {
        return part(parts, name).get(name);
    }

    V getOrDefault(Name name, V otherwise) {
        @Nullable V value = get(name);
        return value == null ? otherwise : value;
    }

    int size() {
        return size;
    }

    Collection<Name> names() {
        return new AbstractCollection<>() {
            @Override
            public Iterator<Name> iterator() {
                return parts.stream().flatMap(part -> part.keySet().stream()).iterator();
            }

            @Override
            public int size() {
                return size;
            }
        };
    }

    Editor<V> edit() {
        return new Editor<>(this);
    }

    private static <V> Map<Name, V> part(List<Map<Name, V>> parts, Name name) {
        return parts.get(index(name, parts.size()));
    }

    /** By the upper bits of a product: within a part the hash map goes by the lower ones of the hash itself. */
    private static int index(Name name, int parts) {
        int mixed = name.hashCode() * 0x9e3779b9;
        return (int) ((Integer.toUnsignedLong(mixed) * parts) >>> 32);
    }

    /** A map that is being changed; its own parts are those that no other map has. */
    static final class Editor<V> {

        private List<Map<Name, V>> parts;
        private final BitSet own = new BitSet();
        private int size;

        private Editor(NameMap<V> map) {
            this.parts = new ArrayList<>(map.parts);
            this.size = map.size;
        }

        V getOrDefault(Name name, V otherwise) {
            return part(parts, name).getOrDefault(name, otherwise);
        }

        void put(Name name, V value) {
            if (own(name).put(name, value) == null && ++size > 2 * PER_PART * parts.size()) {
                split();
            }
        }

        void remove(Name name) {
            if (own(name).remove(name) != null) {
                size--;
            }
        }

        private Map<Name, V> own(Name name) {
            int index = index(name, parts.size());
            if (!own.get(index)) {
                own.set(index);
                parts.set(index, new HashMap<>(parts.get(index)));
            }
            return parts.get(index);
        }

        private void split() {
            List<Map<Name, V>> before = parts;
            parts = new ArrayList<>();
            for (int i = 0; i < before.size() * SPLIT; i++) {
                parts.add(new HashMap<>());
            }
            own.set(0, parts.size());
            for (int i = 0; i < before.size(); i++) {
                before.get(i).forEach((name, value) -> part(parts, name).put(name, value));
                before.set(i, Map.of());
            }
        }

        /** The map as changed; the editor must not be used any more. */
        NameMap<V> done() {
            return new NameMap<>(parts, size);
        }
    }
}
