package com.kingcdn.redirector.transfer;

import com.kingcdn.redirector.registry.ZoneSource;
import com.kingcdn.redirector.zone.ZoneContent;
import com.kingcdn.redirector.zone.ZoneFile;
import java.util.Collections;
import java.util.Map;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;

/** The reader of configured zones: a text is read once, though first it is checked and then served. Thread-safe. */
public final class ZoneParser {

    /** As long as somebody has the text. */
    private final Map<ZoneSource, ZoneContent> known = Collections.synchronizedMap(new WeakHashMap<>());

    /**
     * What a text says, read when that was not done before.
     *
     * @throws com.kingcdn.redirector.zone.ZoneFileException when it is no zone
     */
    public ZoneContent parse(ZoneSource source) {
        @Nullable ZoneContent content = known.get(source);
        if (content == null) {
            content = ZoneFile.parse(source.name(), source.text(), source.file());
            known.put(source, content);
        }
        return content;
    }
}
