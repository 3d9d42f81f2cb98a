import { onBeforeUnmount, onMounted, ref, type Ref, type ShallowRef } from 'vue';

/** The inner size of an element in CSS pixels, as it changes; `first` until it is laid out. */
export function useBoxSize(
  element: Readonly<ShallowRef<HTMLElement | null>>,
  first: { width: number; height: number },
): Ref<{ width: number; height: number }> {
  const size = ref(first);
  function measure(): void {
    const box = element.value;
    if (box && box.clientWidth > 0)
      size.value = { width: box.clientWidth, height: box.clientHeight };
  }
  let resizes: ResizeObserver | undefined;
  onMounted(() => {
    if (!element.value) return;
    resizes = new ResizeObserver(measure);
    resizes.observe(element.value);
    measure();
  });
  onBeforeUnmount(() => resizes?.disconnect());
  return size;
}
