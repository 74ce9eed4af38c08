package com.kingcdn.edge.policy;

import com.kingcdn.http.HeaderFields;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The request fields a stored response was selected by (RFC 9111 section 4.1), normalised where that cannot change their meaning.
 *
 * @param names of the fields its Vary lists, in lower case, sorted
 * @param values of these fields in the request that brought it; an absent field is the empty string
 */
public record Variant(List<String> names, List<String> values) {

    /** Of a response without Vary: it answers every request for its URI. */
    public static final Variant NONE = new Variant(List.of(), List.of());

    public Variant {
        names = List.copyOf(names);
        values = List.copyOf(values);
        if (names.size() != values.size()) {
            throw new IllegalArgumentException("a value for each name: " + names + " " + values);
        }
    }

    /** The variant that this response to this request is; null when it varies on {@code *}, so on nothing a cache can know. */
    public static @Nullable Variant of(HeaderFields response, HeaderFields request) {
        String vary = response.combined("vary");
        if (vary == null) {
            return NONE;
        }
        TreeSet<String> names = new TreeSet<>();
        for (String name : vary.split(",")) {
            String stripped = name.strip();
            if (stripped.equals("*")) {
                return null;
            }
            if (!stripped.isEmpty()) {
                names.add(stripped.toLowerCase(Locale.ROOT));
            }
        }
        if (names.isEmpty()) {
            return NONE;
        }
        List<String> values = new ArrayList<>(names.size());
        for (String name : names) {
            values.add(SelectingField.normalise(name, request));
        }
        return new Variant(List.copyOf(names), values);
    }

    /**
     * Whether a request's fields select this variant.
     *
     * @param language the response's Content-Language, or null: a request that wants exactly this one most needs no other
     */
    boolean matches(HeaderFields request, @Nullable String language) {
        for (int i = 0; i < names.size(); i++) {
            String name = names.get(i);
            if (!SelectingField.normalise(name, request).equals(values.get(i))
                    && !(name.equals("accept-language")
                            && language != null
                            && language.equalsIgnoreCase(SelectingField.preferredLanguage(request)))) {
                return false;
            }
        }
        return true;
    }
}
