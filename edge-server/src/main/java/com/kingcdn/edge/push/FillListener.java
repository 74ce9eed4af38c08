package com.kingcdn.edge.push;

import com.kingcdn.control.FillPlan;
import com.kingcdn.control.FillProgress;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What carries out the fills that the control plane asks this edge for. Calls come from one thread and must not block.
 */
public interface FillListener {

    /**
     * Starts a fill, or waits for its window. A fill that is under way already goes on; one that was interrupted by a restart of the
     * edge comes again.
     *
     * @param id of the fill
     * @param progress told of each change, from any thread; the last one is in state done, failed or cancelled
     */
    void fill(String id, FillPlan plan, Consumer<FillProgress> progress);

    /**
     * Stops a fill and unpins what it brought.
     *
     * @param id of the fill; also of one that has ended
     * @param plan of the fill, or null when this edge does not remember it
     */
    void cancel(String id, @Nullable FillPlan plan);
}
