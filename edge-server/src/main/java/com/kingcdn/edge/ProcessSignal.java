package com.kingcdn.edge;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;

/**
 * A signal that this process may get, by {@code sun.misc.Signal}: each JDK has it, and nothing takes its place (JEP 260). It is reached by
 * reflection, since javac warns of it and cannot be told not to.
 */
final class ProcessSignal {

    private ProcessSignal() {}

    /**
     * Hears a signal from now on, on a thread of its own each time, instead of who heard it before.
     *
     * @param name without SIG
     * @return leaves it to them again
     * @throws ReflectiveOperationException when the JVM leaves signals alone ({@code -Xrs})
     */
    static Runnable hear(String name, Runnable heard) throws ReflectiveOperationException {
        Class<?> type = Class.forName("sun.misc.Signal");
        Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
        Method handle = type.getMethod("handle", type, handlerType);
        Object signal = type.getConstructor(String.class).newInstance(name);
        Object handler = Proxy.newProxyInstance(
                ProcessSignal.class.getClassLoader(), new Class<?>[] {handlerType}, (proxy, method, arguments) -> {
                    heard.run();
                    return null;
                });
        Object before = handle.invoke(null, signal, handler);
        return () -> {
            try {
                handle.invoke(null, signal, before);
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException("SIG" + name + " cannot be left to others", e);
            }
        };
    }
}
